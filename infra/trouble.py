"""What is told to the person at the terminal when the house cannot be lit."""


class Trouble(Exception):
    """A condition of the machine or the settings that a person can mend.

    `code` is upper-case English and stays the same between releases; `zh` and `en` each say what is
    wrong and what to do. The command line prints them and leaves with exit code 2; nothing else is lost.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"[{code}] {zh}\n[{code}] {en}")
        self.code = code
        self.zh = zh
        self.en = en
