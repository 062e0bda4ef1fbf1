"""A circuit breaker: who does not answer is left alone for a while."""

from __future__ import annotations


class Breaker:
    """Closed until some failures in a row; then open, nobody asks; after a rest one may try.

    Times are seconds of any clock that only grows.
    """

    def __init__(self, failures: int = 3, rest_s: float = 30.0) -> None:
        self._most = failures
        self._rest_s = rest_s
        self._failures = 0
        self._until_s: float | None = None
        self._trying = False

    def lets(self, now_s: float) -> bool:
        """Whether one may ask now. Whoever may must say `worked`, `failed` or `gave_up` afterwards."""
        if self._until_s is None:
            return True
        if now_s < self._until_s or self._trying:
            return False
        self._trying = True
        return True

    def worked(self) -> None:
        """An answer came: everyone may ask."""
        self._failures, self._until_s, self._trying = 0, None, False

    def failed(self, now_s: float) -> None:
        """No answer came; after the last of some failures, or a failed try, nobody asks for a while."""
        self._failures += 1
        if self._trying or self._failures >= self._most:
            self._until_s = now_s + self._rest_s
        self._trying = False

    def gave_up(self) -> None:
        """The answer was not waited for: nothing is known of it."""
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether asking is held back, but for a try."""
        return self._until_s is not None
