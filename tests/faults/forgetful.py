"""The portal's command with one fault: it never asks the provider for a message that it may have sent."""

from __future__ import annotations

from portal import senders
from portal.cli import main


def find(self: senders.Notify, key: str) -> None:
    return None


senders.Notify.find = find  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
