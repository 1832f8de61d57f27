"""What a policy wrote, as one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def completion_text(completion: object) -> str:
    """The text of a completion: a text as it is, or the last message of a conversation, whose content may be a list of parts."""
    if isinstance(completion, str):
        return completion
    if isinstance(completion, Sequence) and completion and isinstance(completion[-1], Mapping):
        return _content(completion[-1].get("content"))
    raise TypeError(f"a completion is a text or a list of messages, not {type(completion).__name__}")


def _content(content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    raise TypeError(f"the content of a message is a text or a list of parts, not {type(content).__name__}")
