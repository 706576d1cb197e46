"""What was answered lately, so that a message sent again gets the same answer again (TR_64).

Keys are hashes of the frame's text: the same id with another payload is another message. Empty text stands for an
empty answer.
"""


class AnswerMemory:
    """The last answers to messages that carry their own time, such as StartTransaction.

    Kept per station and handed from one connection to the next. Holds nothing until it is used.
    """

    __slots__ = ("_answers", "_limit")

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._answers: dict[int, str] | None = None

    def remember(self, key: int, answer: str) -> None:
        """Keep the text that answered the message; the oldest makes room."""
        answers = self._answers
        if answers is None:
            answers = self._answers = {}
        answers[key] = answer
        if len(answers) > self._limit:
            del answers[next(iter(answers))]

    def recall(self, key: int) -> str | None:
        """The text that answered this very message, if it is still known."""
        return self._answers.get(key) if self._answers else None


class BriefMemory:
    """The last answers of one connection, for a short while.

    For messages without a time of their own. A station that counts its message ids from 1 after every boot
    sends the same Heartbeat or StatusNotification with the same id again and means it anew; an old answer
    would then set its clock back or swallow its status. Only a prompt repetition is a repetition.
    """

    __slots__ = ("_answers", "_limit", "_seconds")

    def __init__(self, limit: int = 8, seconds: float = 30.0) -> None:
        self._limit = limit
        self._seconds = seconds
        self._answers: dict[int, tuple[float, str]] | None = None

    def remember(self, key: int, answer: str, now: float) -> None:
        """Keep the text that answered the message at `now`; the oldest makes room."""
        answers = self._answers
        if answers is None:
            answers = self._answers = {}
        answers.pop(key, None)  # a renewed answer is the youngest
        answers[key] = (now, answer)
        if len(answers) > self._limit:
            del answers[next(iter(answers))]

    def recall(self, key: int, now: float) -> str | None:
        """The text that answered this very message moments ago."""
        found = self._answers.get(key) if self._answers else None
        if found is None or now - found[0] > self._seconds:
            return None
        return found[1]
