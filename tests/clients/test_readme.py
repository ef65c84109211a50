"""What the README says to type, typed by a new user. grpcurl and Node's package are not installed for it."""

import re
import shlex
import subprocess
import sys
from itertools import groupby

from running import PROJECT, binary

README = (PROJECT / "README.md").read_text()
ADDRESS = re.compile(r"(localhost|127\.0\.0\.1):8080")


def indented() -> list[str]:
    """Commands: blocks of indented lines, those that end in a backslash joined with the next."""
    blocks = groupby(README.splitlines(), lambda line: line.startswith("    "))
    text = "\n".join(line[4:] for is_code, lines in blocks if is_code for line in lines)
    return text.replace("\\\n", " ").splitlines()


def fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


CURL = [line for line in indented() if line.startswith("curl ")]
COMMANDS = [line.removeprefix("generative-gateway ") for line in indented() if line.startswith("generative-gateway ")]


def test_every_curl_line_is_answered(gateway):
    assert len(CURL) > 8, "the README has lost its examples"
    ids = {}
    for line in CURL:
        for prefix, known in ids.items():
            line = line.replace(f"{prefix}…", known)
        line = ADDRESS.sub(gateway.address, line).replace("curl ", "curl -sS --fail-with-body --max-time 60 ", 1)
        done = subprocess.run(["bash", "-c", line], env=gateway.environment() | {"GGW_KEY": gateway.key},
                              text=True, capture_output=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert done.stdout.strip() and "event: error" not in done.stdout, line
        for prefix in ("ses_", "gen_"):
            if found := re.search(prefix + r"[0-9a-f-]{36}", done.stdout):
                ids[prefix] = found[0]


def usages(line: str) -> list[list[str]]:
    """A usage line without what may be left out, and with all of it; of alternatives each, within options the first."""
    full = re.sub(r"\[([^\]]*)\]", lambda optional: optional[1].split("|")[0], line)
    lines = []
    for text in (re.sub(r" ?\[[^\]]*\]", "", line), full):
        head, *others = text.split("|")
        lines += [head] + [f"{head.rsplit(' ', 1)[0]} {other}" for other in others]
    return [shlex.split(line) for line in dict.fromkeys(lines)]


def test_every_command_does_what_its_usage_says(start):
    gateway = start()
    shown = {re.match(r"[\w ]*", line)[0].split()[0] for line in COMMANDS if not line.startswith("[")}
    assert {"keys", "projects", "budgets", "aliases", "models", "usage", "migrate", "config", "openapi"} == shown
    made = ""
    for words in (words for line in COMMANDS if not line.startswith("[") for words in usages(line)):
        if words[:2] in (["budgets", "delete"], ["keys", "revoke"], ["keys", "rotate"]):
            # What was made last is there once: both ways to say it need one of their own.
            project = words[words.index("--project"):] if "--project" in words else []
            create = ["keys", "create", "--name", "spare"] if words[0] == "keys" else ["budgets", "create", "1", *project]
            made = gateway.command(*create).strip()
        known = made.split("_")[1] if made.startswith("ggw_") else made
        words = [known if word == "<id>" else word for word in words]
        if words == ["aliases", "delete", "fast"]:
            gateway.command("aliases", "set", "fast", "sandbox/echo")
        if words[:2] == ["projects", "create"] and "--id" in words:
            words = [*words[:-1], "team-blue"]
        done = subprocess.run([binary(), *words], env=gateway.environment(), cwd=gateway.folder, text=True,
                              capture_output=True, timeout=30)
        if words == ["models", "refresh"]:
            assert done.returncode == 1 and "OPENROUTER_API_KEY" in done.stderr, done.stderr
            continue
        assert done.returncode == 0, f"{words}\n{done.stderr}"


def test_its_python_runs(gateway):
    [script] = fenced("python")
    script = ADDRESS.sub(gateway.address, script).replace("ggw_…", gateway.key)
    done = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_its_configuration_can_be_used(gateway, tmp_path):
    privacy = [line for line in indented() if re.match(r"\[\w+\]$|\w+ = ", line)]
    examples = [*fenced("toml"), "\n".join(privacy)]
    assert len(examples) == 2 and len(privacy) == 3, "the README shows other examples"
    for example in examples:
        file = tmp_path / "gateway.toml"
        file.write_text(example)
        assert "can be used" in gateway.command("--config", str(file), "config", "check")
