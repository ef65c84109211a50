import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from running import PROJECT, Gateway  # noqa: E402


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    running = Gateway(tmp_path_factory.mktemp("gateway"))
    yield running
    running.stop()


@pytest.fixture
def start(tmp_path):
    """Starts gateways of a test's own, on books of its own."""
    started = []

    def start(**settings):
        started.append(Gateway(tmp_path, settings))
        return started[-1]

    yield start
    for gateway in started:
        gateway.kill()


@pytest.fixture(scope="session")
def contract(tmp_path_factory):
    """Puts a client on the path that was generated from proto/ as any user would generate it."""
    from grpc_tools import _proto, protoc

    out = tmp_path_factory.mktemp("generated")
    files = [str(file.relative_to(PROJECT / "proto")) for file in sorted((PROJECT / "proto").rglob("*.proto"))]
    well_known = list(_proto.__path__)[0]
    status = protoc.main(["protoc", f"-I{PROJECT / 'proto'}", f"-I{well_known}",
                          f"--python_out={out}", f"--grpc_python_out={out}", *files])
    assert status == 0, "the protos do not compile with protoc"
    sys.path.insert(0, str(out))
    return out
