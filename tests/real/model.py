"""What a model on loopback was asked, and what it says to that."""

import json
import re

from wire import Say

HEADING = re.compile(r"^## (?P<path>\S+)")
ADDED = re.compile(r"^\s*(?P<line>\d+)\|\+(?P<text>.*)$")
TOOL_LISTS = ("tools", "toolConfig")


class Asked:
    """One request."""

    def __init__(self, scenario, caller, path, headers, body):
        self.scenario, self.caller, self.path = scenario, caller, path
        self.headers, self.body = headers, body

    def is_question(self):
        whole = ("/messages", "/responses", "/chat/completions")
        return self.path.endswith(whole + ("generateContent", "streamGenerateContent"))

    def prompt(self):
        """What the model was told, without the descriptions of tools."""
        return texts({k: v for k, v in self.body.items() if k not in TOOL_LISTS})

    def tools(self):
        """Names of the tools that the model was offered."""
        names = []
        for tool in self.body.get("tools") or []:
            inner = tool.get("functionDeclarations", tool.get("tools"))
            if inner is not None:
                names += [function["name"] for function in inner]
            elif "name" in tool or "function" in tool:
                names.append(tool.get("name") or tool["function"]["name"])
            else:
                names.append(tool.get("type") or next(iter(tool), "?"))
        return sorted(names)

    def follows_a_tool(self):
        """Whether it brings the results of tools."""
        text = json.dumps(self.body)
        marks = ('"tool_result"', '"function_call_output"', '"functionResponse"', '"role": "tool"')
        return any(mark in text for mark in marks)


def reply(asked, mark, reach):
    """What the model says; `reach` is a file of the checkout that it may try to get at."""
    if asked.scenario == "refusal":
        return Say(refuses=True)
    if asked.scenario == "grab" and not asked.follows_a_tool():
        return Say(calls=grabs(asked.path, reach))
    text = review(asked.prompt(), mark)
    # claude's way to an answer by schema: a tool that takes it.
    for name in asked.tools():
        if name.lower() == "structuredoutput" and name not in texts(asked.body.get("messages")):
            return Say(calls=[(name, json.loads(text))])
    return Say(text)


def grabs(path, reach):
    """Calls that a model would make that was talked into reading or running something."""
    run = f"cat {reach}; touch {reach}.acted"
    if path.endswith("/messages"):
        return [("Bash", {"command": run}), ("Read", {"file_path": str(reach)})]
    if path.endswith("/responses"):
        return [
            ("exec_command", {"cmd": run}),
            ("shell", {"command": ["sh", "-c", run]}),
            ("view_image", {"path": str(reach)}),
            ("bash", {"command": run, "description": "look"}),
        ]
    if path.endswith("/chat/completions"):
        return [
            ("bash", {"command": run, "description": "look"}),
            ("read", {"filePath": str(reach)}),
            ("view", {"path": str(reach)}),
        ]
    return [
        ("run_shell_command", {"command": run}),
        ("read_file", {"file_path": str(reach), "absolute_path": str(reach)}),
    ]


def review(prompt, mark):
    """What a model that does its work answers to a question of llmux."""
    if '"findings"' not in prompt:
        return "The change touches one file."
    found = quote(prompt, mark)
    if not found:
        return json.dumps({"findings": []})
    path, line, text = found
    finding = {
        "file": path,
        "line": line,
        "end_line": line,
        "quote": text,
        "severity": "high",
        "category": "bug",
        "rule": "off-by-one",
        "title": "Reads past the end",
        "message": "The last index is one less than the length, so that every call fails.",
        "suggestion": None,
        "confidence": 0.9,
        "role": "analyzer",
    }
    return json.dumps({"findings": [finding]})


def quote(prompt, mark):
    """File, line and text of the added line that holds the mark, as the prompt shows it."""
    path = found = None
    for row in prompt.splitlines():
        if heading := HEADING.match(row):
            path = heading["path"]
        elif (added := ADDED.match(row)) and mark in added["text"]:
            # The last one: the fixed part shows examples first.
            found = path, int(added["line"]), added["text"]
    return found


def texts(value):
    """Every string in a JSON value, joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return ""
    return "\n".join(filter(None, map(texts, value)))
