"""The few expressions that action.yml uses, as GitHub's runner evaluates them.

What is not known here is an error: an expression that this reads otherwise than GitHub would make
the tests worthless.
"""

import re

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>==|!=|&&|\|\||!|\(|\))"
                   r"|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))")
WHOLE = re.compile(r"\$\{\{(.*?)\}\}", re.S)


def tokens(text):
    place, found = 0, []
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if not match:
            raise ValueError(f"not an expression that is known here: {text!r}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return found


class Parser:
    """Recursive descent over one expression; `status` answers the status functions."""

    def __init__(self, text, contexts, status):
        self.rest = tokens(text)
        self.contexts = contexts
        self.status = status
        self.asked_status = False

    def next_is(self, sign):
        return bool(self.rest) and self.rest[0] == ("sign", sign)

    def whole(self):
        value = self.either()
        if self.rest:
            raise ValueError(f"left over: {self.rest}")
        return value

    def either(self):
        value = self.both()
        while self.next_is("||"):
            self.rest.pop(0)
            other = self.both()
            value = value if truth(value) else other
        return value

    def both(self):
        value = self.equal()
        while self.next_is("&&"):
            self.rest.pop(0)
            other = self.equal()
            value = other if truth(value) else value
        return value

    def equal(self):
        value = self.unary()
        while self.next_is("==") or self.next_is("!="):
            sign = self.rest.pop(0)[1]
            other = self.unary()
            # Texts are compared without regard to case.
            same = shown(value).lower() == shown(other).lower()
            value = same if sign == "==" else not same
        return value

    def unary(self):
        if self.next_is("!"):
            self.rest.pop(0)
            return not truth(self.unary())
        if self.next_is("("):
            self.rest.pop(0)
            value = self.either()
            assert self.rest.pop(0) == ("sign", ")")
            return value
        kind, text = self.rest.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind != "name":
            raise ValueError(f"unexpected {text!r}")
        if self.next_is("("):
            self.rest.pop(0)
            assert self.rest.pop(0) == ("sign", ")"), f"{text}() takes no argument here"
            self.asked_status = True
            return self.status[text]
        value = self.contexts
        for name in text.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


def truth(value):
    return value not in (None, "", False, 0)


def shown(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def fill(text, contexts, status=None):
    """A value of the file with its expressions filled in."""
    return WHOLE.sub(lambda found: shown(Parser(found[1], contexts, status).whole()), text)


def holds(condition, contexts, status):
    """Whether a step runs: one without a status function runs only after success."""
    if condition is None:
        return status["success"]
    found = WHOLE.fullmatch(str(condition).strip())
    parser = Parser(found[1] if found else str(condition), contexts, status)
    value = truth(parser.whole())
    return value if parser.asked_status else value and status["success"]
