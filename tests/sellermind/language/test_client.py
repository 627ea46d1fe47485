"""The model client against real HTTP servers: both wire forms, actions, every error body, bounds of time and size."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from sellermind.errors import Misconfigured
from sellermind.language.client import LanguageModels
from sellermind.language.http import build_model_http_client
from sellermind.model_errors import LlmBadRequest, LlmTimeout
from sellermind.models.language import (
    AskedCall,
    ChatMessage,
    Mode,
    ModelRequest,
    OutputSchema,
    Provider,
    TokenUsage,
    ToolSpec,
)
from sellermind.models.language import ModelServer as Entry
from tests.fixtures.http_server import answering
from tests.fixtures.model import ModelServer

TOOL = ToolSpec(
    name="find_orders",
    description="Find orders.",
    parameters={"type": "object", "properties": {"status": {"type": "string", "maxLength": 20}}},
)
CLAUDE, GPT = "claude-haiku-4-5", "gpt-4o-mini"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with build_model_http_client() as client:
        yield client


def models_at(http: httpx.Client, url: str, **more: Any) -> LanguageModels:
    entries = {CLAUDE: Entry(provider=Provider.ANTHROPIC, url=url)}
    return LanguageModels(http, url=url, servers=entries, **{"mode": Mode.TOOLS} | more)


def saying(text: str, *tools: ToolSpec, **more: Any) -> ModelRequest:
    return ModelRequest(messages=(ChatMessage(role="user", content=text),), tools=tools, max_tokens=200, **more)


def failure(models: LanguageModels, model: str, text: str = "hello", *tools: ToolSpec) -> ApplicationError:
    with pytest.raises(ApplicationError) as failed:
        models.complete(model, saying(text, *tools))
    return failed.value


@pytest.mark.parametrize("model", [GPT, CLAUDE])
def test_an_answer_comes_with_the_true_model_its_tokens_and_its_end(
    http: httpx.Client, model_server: ModelServer, model: str
) -> None:
    model_server.script({"text": "Привет!"})
    answer = models_at(http, model_server.url).complete(model, saying("Здравствуйте"))
    assert (answer.text, answer.finish, answer.calls) == ("Привет!", "stop", ())
    assert answer.model == {GPT: "gpt-4o-mini-2024-07-18", CLAUDE: CLAUDE}[model]
    assert answer.usage.input > 0
    assert answer.usage.output > 0
    (sent,) = model_server.requests()
    assert sent["body"]["max_tokens"] == 200


@pytest.mark.parametrize("model", [GPT, CLAUDE])
def test_tool_calls_and_their_results_go_both_ways(http: httpx.Client, model_server: ModelServer, model: str) -> None:
    model_server.script({"calls": [{"name": "find_orders", "arguments": {"status": "new"}}]}, {"text": "Три."})
    models = models_at(http, model_server.url)
    asked = models.complete(model, saying("Сколько?", TOOL))
    assert (asked.finish, asked.calls[0].tool, asked.calls[0].arguments) == (
        "tool_calls",
        "find_orders",
        {"status": "new"},
    )
    call = AskedCall(id="call_1_1_1", tool="find_orders", arguments={"status": "new"})
    conversation = (
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", content="Сколько?"),
        ChatMessage(role="assistant", calls=(call,)),
        ChatMessage(role="tool", content='{"total": 3}', call_id=call.id, tool=call.tool),
    )
    request = ModelRequest(messages=conversation, tools=(TOOL,), max_tokens=200)
    assert models.complete(model, request).text == "Три."


@pytest.mark.parametrize("model", [GPT, CLAUDE])
@pytest.mark.parametrize(
    ("fault", "kind", "again"),
    [
        ("rate-limit", "LlmRateLimited", True),
        ("quota", "LlmQuotaExhausted", False),
        ("overloaded", "LlmOverloaded", True),
        ("server-error", "LlmOverloaded", True),
        ("context", "LlmContextTooLong", False),
        ("unauthorized", "LlmAuth", False),
        ("forbidden", "LlmAuth", False),
        ("bad-request", "LlmBadRequest", False),
        ("not-found", "LlmBadRequest", False),
        ("html", "LlmOverloaded", True),
        ("not-json", "LlmUnreadable", True),
        ("reset", "LlmUnreachable", True),
        ("lost", "LlmUnreachable", True),
    ],
)
def test_every_way_a_provider_refuses_has_its_name(
    http: httpx.Client, model_server: ModelServer, model: str, fault: str, kind: str, *, again: bool
) -> None:
    model_server.fault(fault)
    failed = failure(models_at(http, model_server.url), model, "a secret of the seller")
    assert (failed.type, failed.non_retryable) == (kind, not again)
    assert "secret" not in failed.message
    assert model_server.stats()["calls"] == 1


@pytest.mark.parametrize(
    ("header", "value", "seconds"), [("retry-after", 7, 7), ("retry-after-ms", 250, 0.25), ("retry-after", 9000, 60)]
)
def test_the_wait_that_a_provider_asks_for_is_kept_within_a_minute(
    http: httpx.Client, model_server: ModelServer, header: str, value: int, seconds: float
) -> None:
    model_server.fault("rate-limit", header=header, retry=value)
    failed = failure(models_at(http, model_server.url), GPT)
    assert failed.next_retry_delay is not None
    assert failed.next_retry_delay.total_seconds() == seconds


def test_cut_refused_and_broken_answers_say_so(http: httpx.Client, model_server: ModelServer) -> None:
    models = models_at(http, model_server.url)
    model_server.script(
        {"calls": [{"name": "find_orders", "arguments": '{"status": "ne'}], "ending": "length"},
        {"text": "", "ending": "content_filter"},
        {"calls": [{"name": "find_orders", "arguments": "[1]"}]},
    )
    cut, filtered, broken = (models.complete(GPT, saying("?", TOOL)) for _ in range(3))
    assert (cut.finish, cut.calls[0].arguments) == ("length", None)
    assert filtered.finish == "content_filter"
    assert broken.calls[0].arguments is None


@pytest.mark.parametrize("model", [GPT, CLAUDE])
def test_an_answer_of_a_given_form_is_bound_by_its_schema(
    http: httpx.Client, model_server: ModelServer, model: str
) -> None:
    definition = {
        "type": "object",
        "properties": {"title": {"type": "string", "maxLength": 60}, "count": {"$ref": "#/$defs/Count"}},
        "$defs": {"Count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1}},
    }
    form = OutputSchema(name="card", definition=definition)
    answer = models_at(http, model_server.url).complete(model, saying("Карточка кружки", form=form))
    card = json.loads(answer.text)
    assert set(card) == {"title", "count"}
    assert "$ref" not in json.dumps(model_server.requests()[-1]["body"])


def test_a_server_that_ignores_tools_is_found_out_by_one_call_and_then_given_actions(
    http: httpx.Client, start_model_server: Callable[..., ModelServer]
) -> None:
    server = start_model_server("--ignores-tools")
    models = models_at(http, server.url, mode=None)
    assert models.mode("default") is None
    models.probe("default")
    assert models.mode("default") is Mode.ACTION
    asked = models.complete("default", saying("Сколько заказов?", TOOL))
    assert (asked.calls[0].tool, asked.valid) == ("find_orders", True)
    sent = server.requests()[-1]["body"]
    assert "tools" not in sent
    assert sent["response_format"]["json_schema"]["strict"] is True


def test_a_server_that_knows_tools_keeps_them(http: httpx.Client, model_server: ModelServer) -> None:
    models = models_at(http, model_server.url, mode=None)
    models.probe("default")
    assert models.mode("default") is Mode.TOOLS


def test_a_server_that_refuses_tools_gets_actions(http: httpx.Client, model_server: ModelServer) -> None:
    model_server.fault("bad-request")
    models = models_at(http, model_server.url, mode=None)
    with pytest.raises(LlmBadRequest):
        models.probe("default")
    assert models.mode("default") is Mode.ACTION


def test_a_server_that_refuses_forms_is_asked_with_plainer_ones_a_call_each(
    http: httpx.Client, model_server: ModelServer
) -> None:
    model_server.reset(refuses=["tools", "json_schema", "json_object"])
    models = models_at(http, model_server.url, mode=None)
    with pytest.raises(LlmBadRequest):
        models.probe("default")
    assert [failure(models, "default", "?", TOOL).type for _ in range(2)] == ["LlmFormRefused"] * 2
    model_server.script({"value": {"action": {"tool": "find_orders", "arguments": {"status": "new"}}}})
    (call,) = models.complete("default", saying("?", TOOL)).calls
    assert (call.tool, call.arguments) == ("find_orders", {"status": "new"})
    bodies = [request["body"] for request in model_server.requests()]
    kinds = [body.get("response_format", {}).get("type") for body in bodies]
    assert kinds == [None, "json_schema", "json_object", None]
    assert '"maxLength": 20' in bodies[-1]["messages"][-1]["content"]


def test_a_server_that_refuses_for_another_reason_is_a_bad_request_in_the_end(
    http: httpx.Client, model_server: ModelServer
) -> None:
    models = models_at(http, model_server.url, mode=Mode.ACTION)
    model_server.fault("bad-request", count=None)
    kinds = [failure(models, "default", "?", TOOL).type for _ in range(3)]
    assert kinds == ["LlmFormRefused", "LlmFormRefused", "LlmBadRequest"]
    model_server.clear()
    assert models.complete("default", saying("?", TOOL)).valid
    assert model_server.requests()[-1]["body"]["response_format"]["type"] == "json_schema"


def test_an_action_is_found_behind_reasoning_and_words_and_in_a_fence(
    http: httpx.Client, model_server: ModelServer
) -> None:
    model_server.fault("chatty")
    models = models_at(http, model_server.url, mode=Mode.ACTION)
    answer = models.complete("default", saying("Сколько заказов?", TOOL))
    assert (answer.valid, [call.tool for call in answer.calls]) == (True, ["find_orders"])


@pytest.mark.parametrize("said", ["no JSON", "[]", '{"action": 1}', '{"action": {}}', '{"action": {"tool": 5}}'])
def test_what_is_no_action_is_not_taken_for_an_answer(http: httpx.Client, model_server: ModelServer, said: str) -> None:
    model_server.script({"text": said})
    answer = models_at(http, model_server.url, mode=Mode.ACTION).complete("default", saying("?", TOOL))
    assert (answer.valid, answer.calls) == (False, ())


def test_a_span_tells_names_and_counts_and_nothing_that_was_said(http: httpx.Client, model_server: ModelServer) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    models = models_at(http, model_server.url)
    models.complete(GPT, saying("a secret question"))
    model_server.fault("overloaded")
    failure(models, GPT, "another secret")
    good, bad = spans.get_finished_spans()
    assert (good.name, good.attributes["gen_ai.response.model"]) == ("chat gpt-4o-mini", "gpt-4o-mini-2024-07-18")  # type: ignore[index] # set above
    assert bad.attributes["error.type"] == "LlmOverloaded"  # type: ignore[index] # set above
    assert "secret" not in good.to_json() + bad.to_json()


class Dripping(BaseHTTPRequestHandler):
    """Sends a byte now and then, for ever."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            return


def test_an_answer_that_comes_drop_by_drop_is_cut_off() -> None:
    with answering(Dripping) as port, httpx.Client(timeout=0.5) as http, pytest.raises(LlmTimeout):
        models_at(http, f"http://127.0.0.1:{port}/v1").complete(GPT, saying("hello"))


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_a_servers_address_may_be_written_as_people_write_it(
    http: httpx.Client, model_server: ModelServer, end: str
) -> None:
    server = model_server.url.removesuffix("/v1")
    assert models_at(http, server + end).complete(GPT, saying("hello")).text


def test_the_deadline_for_an_answer_is_the_installations(model_server: ModelServer) -> None:
    model_server.fault("latency", delay=30)
    with build_model_http_client(0.3) as hasty:
        assert failure(models_at(hasty, model_server.url), GPT).type == "LlmTimeout"


def test_nobody_at_the_address_is_unreachable(http: httpx.Client) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert failure(models_at(http, f"http://127.0.0.1:{port}/v1"), GPT).type == "LlmUnreachable"


def test_a_wrong_url_or_a_key_that_is_not_there_is_a_matter_for_a_person(http: httpx.Client) -> None:
    with pytest.raises(Misconfigured, match="SELLERMIND_MODEL_URL"):
        LanguageModels(http, url="localhost:8080")
    with pytest.raises(Misconfigured, match="SELLERMIND_MODEL_KEYS"):
        LanguageModels(http, url="http://localhost/v1", servers={"m": Entry(key="absent")})


def test_a_key_goes_into_the_header_and_nowhere_else(
    http: httpx.Client, start_model_server: Callable[..., ModelServer]
) -> None:
    server = start_model_server("--key", "sk-right-key-123")
    models = LanguageModels(
        http,
        url=server.url,
        key=SecretStr("sk-right-key-123"),
        servers={CLAUDE: Entry(provider=Provider.ANTHROPIC, url=server.url, key="other")},
        keys={"other": SecretStr("sk-wrong-key-123")},
    )
    assert models.complete(GPT, saying("hello")).text
    failed = failure(models, CLAUDE)
    assert (failed.type, "sk-wrong" in failed.message) == ("LlmAuth", False)


def test_usage_that_a_server_does_not_tell_is_zero(http: httpx.Client, model_server: ModelServer) -> None:
    model_server.fault("no-usage")
    assert models_at(http, model_server.url).complete(GPT, saying("hello")).usage == TokenUsage()
