"""Says why no certificate was issued."""

_SHOWN = 300


class OrderError(Exception):
    """Reports that none was issued, in one line; ``refused`` as there were too many."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(" ".join(message.split())[:_SHOWN])
        self.refused = refused
