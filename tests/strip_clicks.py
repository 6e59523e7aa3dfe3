"""Clicks on a token strip and other components where there is no browser: AppTest knows no such element."""

import json
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest


def find_strip(page: AppTest, key: str) -> dict[str, Any]:
    """What the strip (or other component) with this key was given: label, select and tokens."""
    data: dict[str, Any] = json.loads(_proto(page, key).json)
    return data


def click_token(page: AppTest, key: str, value: object) -> AppTest:
    """As if the browser had sent a click on token ``value`` (or any other value, as a forger may)."""
    return send_event(page, key, "clicked", value)


def send_event(page: AppTest, key: str, event: str, value: object) -> AppTest:
    """As if the component with this key had triggered ``event``."""
    states = page._tree.get_widget_states() if page._tree else WidgetStates()
    state = states.widgets.add()
    state.id = f"$$STREAMLIT_INTERNAL_KEY_{_proto(page, key).id}__events"
    state.json_trigger_value = json.dumps([{"event": event, "value": value}])
    return page._run(states)


def _proto(page: AppTest, key: str) -> Any:
    found = [item.proto for item in page.get("bidi_component") if item.proto.id.endswith(f"-{key}")]
    assert len(found) == 1, f"{len(found)} components with key {key}"
    return found[0]
