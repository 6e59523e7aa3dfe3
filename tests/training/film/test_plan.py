"""What a film watches, and when."""

from hypothesis import given
from hypothesis import strategies as st

from bert_explorer.training.film.items import spread, take_turns
from bert_explorer.training.film.plan import COST_SHARE, MAX_ITEMS, MIN_ITEMS, MIN_MOMENTS, plan_film


def test_the_plan_of_the_smallest_example() -> None:
    """By hand: 5 % of 160 x 3 x 3 passes are 72, four moments of 18, none of them at an evaluation."""
    plan = plan_film(num_train=160, epochs=3, num_steps=30, evaluated_every=5, num_held_out=40)
    assert (plan.num_items, plan.free_every) == (18, 5)
    assert plan.steps == {0, 3, 9, 18}
    assert plan.num_moments == 4 + 6


@given(
    st.integers(2, 20_000), st.integers(1, 100), st.integers(1, 256), st.integers(1, 6), st.integers(1, 9_000)
)
def test_a_plan_is_cheap_and_bounded(
    num_train: int, epochs: int, batch_size: int, evaluations: int, num_held_out: int
) -> None:
    num_steps = -(-num_train // batch_size) * epochs
    every = -(-num_steps // evaluations)
    plan = plan_film(
        num_train=num_train,
        epochs=epochs,
        num_steps=num_steps,
        evaluated_every=every,
        num_held_out=num_held_out,
    )
    assert 1 <= plan.num_items <= min(MAX_ITEMS, num_held_out)
    assert 0 in plan.steps
    assert max(plan.steps) < num_steps
    assert plan.num_moments <= 45
    least = MIN_ITEMS * MIN_MOMENTS  # of a run so short that the clock alone keeps the film cheap
    cost = plan.num_items * len(plan.steps)
    assert cost <= max(COST_SHARE * 3 * num_train * epochs, least)


def test_classes_take_turns() -> None:
    assert take_turns("aaaab", 3) == [0, 2, 4]
    assert take_turns("ab", 9) == [0, 1]
    assert take_turns("aabbcc", 3) == [0, 2, 4]
    assert spread([5.0, 1.0, 3.0, 2.0, 4.0], 3) == [1, 3, 4], "1, 2 and 4"
