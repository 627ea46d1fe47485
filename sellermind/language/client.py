"""The language models of this installation: one question, one HTTP request, one answer. Nothing is retried here."""

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
from opentelemetry import trace
from pydantic import SecretStr, ValidationError

from sellermind.errors import Misconfigured
from sellermind.language import anthropic_messages, openai_chat
from sellermind.language.actions import as_actions, offers_actions, read_action
from sellermind.language.http import Call, base_url, send
from sellermind.language.tracing import model_span, note_answer
from sellermind.model_errors import (
    LlmAuth,
    LlmBadRequest,
    LlmFormRefused,
    LlmInvalidOutput,
    LlmOverloaded,
    LlmUnreadable,
)
from sellermind.models.language import (
    DEFAULT_MODEL,
    ChatMessage,
    FormAs,
    Mode,
    ModelAnswer,
    ModelRequest,
    ModelServer,
    Provider,
    ToolSpec,
)

OPENAI_HOST = "api.openai.com"
KEY_NEEDED = frozenset({OPENAI_HOST, "api.anthropic.com"})
OPENAI_MODEL = "gpt-4o-mini"
ANTHROPIC_URL = "https://api.anthropic.com/v1"
PROBE_TOKENS = 256
PROBE = ModelRequest(
    messages=(ChatMessage(role="user", content="Call the tool `ready`."),),
    tools=(
        ToolSpec(
            name="ready",
            description="Say that you are ready.",
            parameters={"type": "object", "properties": {"ready": {"type": "boolean"}}, "required": ["ready"]},
        ),
    ),
    must_call=True,
    max_tokens=PROBE_TOKENS,
)


class LanguageModels:
    """Every model by the name that agents use."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        url: str,
        key: SecretStr | None = None,
        default_model: str | None = None,
        mode: Mode | None = None,
        context_tokens: int | None = None,
        sees: bool = False,
        servers: Mapping[str, ModelServer] | None = None,
        keys: Mapping[str, SecretStr] | None = None,
    ) -> None:
        """Take what the settings say (SELLERMIND_MODEL_…); a name without an entry is asked of `url`.

        Raises:
            Misconfigured: a URL is none, or an entry names a key that is not there.
        """
        self._http = http
        self._url = url
        self._key = key
        self._default_model = default_model
        self._unnamed = ModelServer(mode=mode, context_tokens=context_tokens, sees=sees)
        self._servers = dict(servers or {})
        self._keys = dict(keys or {})
        self._learned: dict[str, Mode] = {}
        self._forms: dict[str, FormAs] = {}
        self._check()

    def server(self, name: str) -> ModelServer:
        """The configuration of a model; one that has none is served by the default server."""
        return self._servers.get(name) or self._unnamed

    def mode(self, name: str) -> Mode | None:
        """How the model is offered tools, or None as long as nobody knows: `probe` finds out."""
        server = self.server(name)
        if server.mode is not None:
            return server.mode
        if server.provider is Provider.ANTHROPIC or urlsplit(self._base(server)).hostname == OPENAI_HOST:
            return Mode.TOOLS
        return self._learned.get(name)

    def probe(self, name: str) -> ModelAnswer:
        """Find out whether the server behind a model knows tools, by one small call that asks for one.

        Args:
            name: the model; its mode is known afterwards, for the life of this process.

        Raises:
            LlmBadRequest: the server refuses tools; that is known from now on.
            ApplicationError: any other failure, as `complete`; nothing is known then.
        """
        try:
            answer = self._ask(name, PROBE)
        except LlmBadRequest:
            self._learned[name] = Mode.ACTION
            raise
        self._learned[name] = Mode.TOOLS if answer.calls else Mode.ACTION
        return answer

    def complete(self, name: str, request: ModelRequest) -> ModelAnswer:
        """Ask a model once.

        Args:
            name: as agents name it, or `default`.
            request: what is asked. Tools go natively or as actions, as the model's mode says.

        Raises:
            LlmRateLimited, LlmOverloaded, LlmQuotaExhausted, LlmContextTooLong, LlmContentFilter, LlmAuth,
                LlmBadRequest: as the server answered.
            LlmTimeout, LlmUnreachable, LlmUnreadable: no whole answer came.
            LlmInvalidOutput: an answer came that is none.
        """
        if self.mode(name) is not Mode.ACTION or not offers_actions(request):
            return self._ask(name, request)
        answer = self._ask(name, as_actions(request))
        text, calls, valid = read_action(answer.text)
        finish = "tool_calls" if calls and answer.finish == "stop" else answer.finish
        return answer.model_copy(update={"text": text, "calls": calls, "valid": valid, "finish": finish})

    def _ask(self, name: str, request: ModelRequest) -> ModelAnswer:
        server = self.server(name)
        model = server.model or self._provider_name(name, server)
        if not server.takes_temperature:
            request = request.model_copy(update={"temperature": None})
        with model_span(server.provider, model, request) as span:
            return self._exchange(server, model, request, span)

    def _exchange(self, server: ModelServer, model: str, request: ModelRequest, span: trace.Span) -> ModelAnswer:
        title, base = f"{server.provider.value} {model}", self._base(server)
        headers = self._headers(server) | ({"Idempotency-Key": request.key} if request.key else {})
        started = time.monotonic()
        if server.provider is Provider.ANTHROPIC:
            body = anthropic_messages.request_body(request, model)
            path, read = anthropic_messages.PATH, anthropic_messages.read_answer
        else:
            limit = server.max_tokens_parameter or _limit_name(base)
            body = openai_chat.request_body(request, model, limit, self._form_of(base))
            path, read = openai_chat.PATH, openai_chat.read_answer
        try:
            received = send(self._http, Call(title, base + path, headers, body))
        except LlmBadRequest:
            if request.form and not request.picture and server.provider is Provider.OPENAI:
                self._plainer(title, base)
            raise
        try:
            answer = read(received, model, round((time.monotonic() - started) * 1000))
        except ValidationError:
            raise LlmInvalidOutput(f"{title}: the answer is not of the promised form.") from None
        note_answer(span, answer)
        return answer

    def _form_of(self, base: str) -> FormAs:
        return self._forms.get(base, FormAs.SCHEMA)

    def _plainer(self, title: str, base: str) -> None:
        """Learn that a server refuses what it was told about the form; at the end of what there is, it was not that.

        Raises:
            LlmFormRefused: another form is left to try.
        """
        kinds, now = list(FormAs), self._form_of(base)
        if urlsplit(base).hostname == OPENAI_HOST or now is kinds[-1]:
            self._forms.pop(base, None)
            return
        self._forms[base] = kinds[kinds.index(now) + 1]
        raise LlmFormRefused(f"{title}: the server refuses {now.value}; it is asked with {self._forms[base].value}.")

    def _provider_name(self, name: str, server: ModelServer) -> str:
        """The provider's name of a model without an own one; `default` is what the server serves."""
        if name != DEFAULT_MODEL:
            return name
        base = self._base(server)
        if self._default_model is None and urlsplit(base).hostname != OPENAI_HOST:
            self._default_model = self._first_served(server, base)
        return self._default_model or OPENAI_MODEL

    def _first_served(self, server: ModelServer, base: str) -> str | None:
        """The first model that the server lists; None from one that keeps no list."""
        try:
            listed = send(self._http, Call(f"{base}/models", f"{base}/models", self._headers(server)))
        except (LlmBadRequest, LlmInvalidOutput, LlmUnreadable, LlmOverloaded):
            return None
        models = listed.get("data") if isinstance(listed, dict) else None
        first = models[0] if isinstance(models, list) and models else None
        return first.get("id") if isinstance(first, dict) else None

    def _base(self, server: ModelServer) -> str:
        default = ANTHROPIC_URL if server.provider is Provider.ANTHROPIC else self._url
        return base_url(server.url or default)

    def _headers(self, server: ModelServer) -> dict[str, str]:
        key = self._keys[server.key] if server.key else self._key
        secret = key.get_secret_value() if key else ""
        if not secret and urlsplit(self._base(server)).hostname in KEY_NEEDED:
            raise LlmAuth("There is no key for the model: set SELLERMIND_MODEL_API_KEY, or SELLERMIND_MODEL_URL.")
        if server.provider is Provider.ANTHROPIC:
            return {"x-api-key": secret, "anthropic-version": anthropic_messages.VERSION}
        return {"Authorization": f"Bearer {secret}"} if secret else {}

    def _check(self) -> None:
        for name, server in {"the default": ModelServer(), **self._servers}.items():
            parts = urlsplit(self._base(server))
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise Misconfigured(f"The URL of {name} model is none: mend SELLERMIND_MODEL_URL or SELLERMIND_MODELS.")
            if server.key and server.key not in self._keys:
                raise Misconfigured(f"The model {name} names the key {server.key}: add it to SELLERMIND_MODEL_KEYS.")


def _limit_name(base: str) -> str:
    """OpenAI itself wants the new name, the compatible servers know the old one."""
    return "max_completion_tokens" if urlsplit(base).hostname == OPENAI_HOST else "max_tokens"
