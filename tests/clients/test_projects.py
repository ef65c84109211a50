"""Sessions and administration by the generated client, and limits as programs meet them."""

import grpc
import openai
import pytest

from running import TEXT


@pytest.fixture
def channel(gateway, contract):
    with grpc.insecure_channel(gateway.address) as channel:
        yield channel


@pytest.fixture
def metadata(gateway):
    return [("authorization", f"Bearer {gateway.key}")]


def test_a_session_keeps_what_was_said(channel, metadata):
    from gateway.v1 import (chat_service_pb2, chat_service_pb2_grpc, content_pb2, session_service_pb2,
                            session_service_pb2_grpc)
    sessions = session_service_pb2_grpc.SessionServiceStub(channel)
    made = sessions.CreateSession(session_service_pb2.CreateSessionRequest(model=TEXT), metadata=metadata).session
    chat = chat_service_pb2_grpc.ChatServiceStub(channel)
    for text in ("one", "two"):
        part = content_pb2.ContentPart(text=text)
        message = content_pb2.Message(role=content_pb2.ROLE_USER, content=[part])
        chat.Chat(chat_service_pb2.ChatRequest(session_id=made.id, messages=[message]), metadata=metadata, timeout=30)
    listing = session_service_pb2.ListMessagesRequest(session_id=made.id, page_size=3)
    page = sessions.ListMessages(listing, metadata=metadata)
    said = [stored.message.content[0].text for stored in page.messages]
    assert said == ["two", "two", "one"] and page.totals.messages == 4
    listing.page_token = page.next_page_token
    assert [stored.message.content[0].text for stored in sessions.ListMessages(listing, metadata=metadata).messages] \
        == ["one"]
    sessions.DeleteSession(session_service_pb2.DeleteSessionRequest(session_id=made.id), metadata=metadata)
    with pytest.raises(grpc.RpcError) as gone:
        sessions.GetSession(session_service_pb2.GetSessionRequest(session_id=made.id), metadata=metadata)
    assert gone.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_key_is_made_limited_and_revoked(gateway, channel, metadata):
    from gateway.v1 import project_service_pb2 as projects
    from gateway.v1 import project_service_pb2_grpc
    service = project_service_pb2_grpc.ProjectServiceStub(channel)
    project = service.CreateProject(projects.CreateProjectRequest(name="team"), metadata=metadata).project
    made = service.CreateApiKey(projects.CreateApiKeyRequest(
        project_id=project.id, name="laptop", scopes=[projects.SCOPE_INFERENCE],
        limits=projects.Limits(requests_per_minute=2)), metadata=metadata)
    caller = service.GetCaller(projects.GetCallerRequest(), metadata=[("authorization", f"Bearer {made.full_key}")])
    assert (caller.key_name, caller.project) == ("laptop", project.id)

    client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=made.full_key, max_retries=0, timeout=30)
    messages = [{"role": "user", "content": "hello"}]
    left = [client.chat.completions.with_raw_response.create(model=TEXT, messages=messages)
            .headers["x-ratelimit-remaining-requests"] for _ in range(2)]
    assert left == ["1", "0"]
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model=TEXT, messages=messages)
    assert limited.value.code == "limit_exceeded"
    assert 0 < int(limited.value.response.headers["retry-after"]) <= 60
    assert limited.value.response.headers["x-ratelimit-limit-requests"] == "2"

    service.RevokeApiKey(projects.RevokeApiKeyRequest(project_id=project.id, key_id=made.key.id), metadata=metadata)
    with pytest.raises(openai.AuthenticationError):
        client.models.list()
