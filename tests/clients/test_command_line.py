"""The other commands, beside a running gateway."""

import json
import subprocess

from running import TEXT, binary


def test_commands_print_what_the_gateway_knows_and_nothing_else(gateway):
    chat = {"model": TEXT, "messages": [{"role": "user", "content": "hello"}]}
    booked = gateway.read("/api/v1/chat", chat)["generation_id"]
    for arguments, expected in [
        (["keys", "list"], gateway.key.split("_")[1]),
        (["models", "list", "sandbox"], TEXT),
        (["models", "resolve", "claude-4.5-sonnet"], "anthropic/claude-sonnet-4.5 (canonical, "),
        (["usage", "summary"], TEXT),
        (["usage", "export"], f'"id":"{booked}"'),
        (["migrate", "status"], "applied"),
        (["config", "check"], "can be used"),
        (["config", "explain"], gateway.address),
    ]:
        done = subprocess.run([binary(), *arguments], env=gateway.environment(), cwd=gateway.folder,
                              capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        assert expected in done.stdout, arguments
    assert "missing" not in gateway.command("migrate", "status")
    assert all(json.loads(line)["id"] for line in gateway.command("usage", "export").splitlines())


def test_a_rotated_key_and_its_successor_hold_and_a_revoked_one_does_not(gateway):
    old = gateway.command("keys", "create", "--name", "rotated").strip()
    public_id = old.split("_")[1]
    new = gateway.command("keys", "rotate", public_id, "--grace", "1h").strip()
    assert new != old and new.split("_")[1] == public_id
    for key in (old, new):
        with gateway.open("/api/v1/caller", authorization=f"Bearer {key}") as answer:
            assert json.load(answer)["key_name"] == "rotated"
    gateway.command("keys", "revoke", public_id)
    assert "revoked" in next(line for line in gateway.command("keys", "list").splitlines() if public_id in line)


def test_a_reader_who_has_seen_enough_is_no_error(gateway):
    listing = subprocess.Popen([binary(), "models", "list"], env=gateway.environment(), cwd=gateway.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert listing.stdout.readline().startswith("model")
    listing.stdout.close()
    assert (listing.stderr.read(), listing.wait(30)) == ("", 0)


def test_a_wrong_command_says_what_to_write(gateway):
    for arguments, hint in [
        (["keys", "revoke", "nobody"], "keys list"),
        (["models", "resolve", "claude-4.5-sonet-nothing"], "did you mean"),
        (["config", "check", "--set", "sever.listen=1"], "did you mean `server`?"),
    ]:
        done = subprocess.run([binary(), *arguments], env=gateway.environment(), cwd=gateway.folder,
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and hint in done.stderr and done.stderr.count("\n") == 1, done.stderr
