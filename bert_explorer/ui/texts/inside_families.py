"""The stops of the walk that differ in other families than BERT: their words, formulas and sources."""

from dataclasses import replace

from bert_explorer.ui.texts.inside import BERT, STOPS, VASWANI, Stop

_SAME_WORD = "Write a word twice and follow both: only the row of the place differs."
_WITHOUT_SEGMENTS = replace(
    STOPS["sum"],
    title="Word and place",
    sentence="The rows of the word and of its place are added, and the layer norm brings the sum to a "
    "common scale.",
    formula=r"«x|h_i» = \operatorname{LayerNorm}(«e|e_i» + «p|p_i»)",
    attempt=_SAME_WORD,
)
PROJECTED = replace(
    STOPS["sum"],
    formula=r"«x|h'_i» = \operatorname{LayerNorm}(«e|e_i» + «p|p_i» + «s|s_i»)\, W + b",
    source=f"{BERT}, section 3 and figure 2; the projection in Lan et al. 2020 (ALBERT) and Clark et "
    f"al. 2020 (ELECTRA)",
)
_MODERN = "Warner et al. 2024 (ModernBERT)"
_DEBERTA = "He et al. 2021 (DeBERTa), section 3.1"
FINAL_NORM = replace(STOPS["next"], source=_MODERN)  # behind ModernBERT's last layer

_ONE_SEGMENT = replace(
    STOPS["sum"], source="Liu et al. 2019 (RoBERTa), with one segment for all", attempt=_SAME_WORD
)

# Families of which a step differs from BERT's, by stop.
FAMILY_STOPS: dict[str, dict[str, Stop]] = {
    "roberta": {"sum": _ONE_SEGMENT},
    "xlm-roberta": {"sum": _ONE_SEGMENT},
    "camembert": {"sum": _ONE_SEGMENT},
    "distilbert": {"sum": replace(_WITHOUT_SEGMENTS, source="Sanh et al. 2019 (DistilBERT)")},
    "mpnet": {
        "sum": replace(_WITHOUT_SEGMENTS, source="Song et al. 2020 (MPNet)"),
        "order": replace(
            STOPS["order"],
            sentence="Attention alone knows no order; this family tells places apart twice, by rows and by "
            "a bias for each distance.",
            source=f"{VASWANI}, section 3.5; Song et al. 2020 (MPNet)",
        ),
        "scores": replace(
            STOPS["scores"],
            sentence="The sums are divided by the root of the head's size, and a learned number for the "
            "distance is added.",
            source=f"{VASWANI}, section 3.2.1; Raffel et al. 2020, section 2.1, for the distances",
            attempt="Follow the next token: the row of the distances moves on by one place.",
        ),
    },
    "deberta-v2": {
        "sum": replace(
            STOPS["sum"],
            title="The word alone",
            sentence="The row of the word is brought to a common scale; places come in later, inside "
            "attention.",
            formula=r"«x|h_i» = \operatorname{LayerNorm}(«e|e_i»)",
            source=_DEBERTA,
            attempt="Write a word twice and follow both: here they are still the same.",
        ),
        "positions": replace(
            STOPS["positions"],
            title="What a distance looks like",
            sentence="This family has no rows for places but one for each distance between two tokens, which "
            "all layers read.",
            formula=r"\cos(«p|p_m», «p|p_n») = \frac{«p|p_m» \cdot «p|p_n»}{\lvert «p|p_m» \rvert\, \lvert "
            r"«p|p_n» \rvert}",
            source=f"{_DEBERTA}; He, Gao and Chen 2023 (DeBERTaV3)",
            attempt="Move to the row in the middle, that of a token from itself: its neighbours are the "
            "tokens before and behind.",
        ),
        "order": replace(
            STOPS["order"],
            sentence="Attention alone knows no order; here it is the rows of the distances that tell places "
            "apart.",
            source=f"{VASWANI}, section 3.5; {_DEBERTA}",
        ),
        "scores": replace(
            STOPS["scores"],
            sentence="Three products are added, token with token, query with distance and key with distance, "
            "and divided by one root.",
            formula=r"\begin{gathered} «s|s_{ij}» = \frac{«q|q_i» \cdot «k|k_j» + «q|q_i» \cdot "
            r"k^{r}_{\delta(i, j)} + «k|k_j» \cdot q^{r}_{\delta(i, j)}}{\sqrt{3 d}} \\ k^{r} = P W_K + b_K, "
            r"\quad q^{r} = P W_Q + b_Q \end{gathered}",
            source=f"{_DEBERTA}, equation 4 (with δ(j, i) in its last term, where the published code and "
            f"weights have δ(i, j)); He, Gao and Chen 2023 share W_Q and W_K with the distances",
            attempt="Follow the next token: the same distances lie one place further.",
        ),
    },
    "modernbert": {
        "sum": replace(
            STOPS["sum"],
            title="The word alone",
            sentence="The row of the word is brought to a common scale; places come in later, inside "
            "attention.",
            formula=r"«x|h_i» = \operatorname{LayerNorm}(«e|e_i»)",
            source=_MODERN,
            attempt="Write a word twice and follow both: here they are still the same.",
        ),
        "positions": replace(
            STOPS["positions"],
            sentence="This family has no rows for places: it turns queries and keys, and what is compared "
            "depends on the distance alone.",
            formula=r"\cos(i, j) = \frac{2}{d} \sum_{n < d/2} \cos\bigl((i - j)\, \theta^{-2n/d}\bigr)",
            source="Su et al. 2021 (rotary position embeddings)",
        ),
        "order": replace(
            STOPS["order"],
            sentence="Attention alone knows no order; here it is the turning of queries and keys that "
            "tells places apart.",
            source=f"{VASWANI}, section 3.5; {_MODERN}",
        ),
        "projections": replace(
            STOPS["projections"],
            formula=r"\begin{gathered} «q|q_i» = R_i\, (\hat{x}_i «w|W_Q») \\ «k|k_i» = R_i\, "
            r"(\hat{x}_i W_K) \\ "
            r"«v|v_i» = \hat{x}_i W_V \\ \hat{x}_i = \operatorname{LayerNorm}(«x|x_i») \text{, in "
            r"layer 1 } "
            r"«x|x_i» \end{gathered}",
            source=_MODERN,
        ),
        "residual": replace(
            STOPS["residual"],
            sentence="What attention found is added to what the token was.",
            formula=r"«x|m_i» = «x|x_i» + «o|o_i»",
            source=_MODERN,
        ),
        "feed-forward": replace(
            STOPS["feed-forward"],
            sentence="A wide layer reads each token alone: one half of it lets through what GELU lets "
            "through, the other half is a gate.",
            formula=r"\begin{gathered} «o|f_i» = (\operatorname{GELU}(u_i) \odot g_i)\, W_2 \\ "
            r"[u_i, g_i] = \operatorname{LayerNorm}(«x|m_i») W_1 \end{gathered}",
            source=_MODERN,
        ),
        "next": replace(STOPS["next"], formula=r"«x|y_i» = «x|m_i» + «o|f_i»", source=_MODERN),
    },
}
