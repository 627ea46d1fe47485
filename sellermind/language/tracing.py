"""A span for each model call, by name and counts, never with what was asked or answered; and its metric."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from opentelemetry import trace
from temporalio.exceptions import ApplicationError

from sellermind.metrics import count_model_call
from sellermind.models.language import ModelAnswer, ModelRequest, Provider

_tracer = trace.get_tracer("sellermind.language")


def model_span(provider: Provider, model: str, request: ModelRequest) -> AbstractContextManager[trace.Span]:
    """A client span by the semantic conventions for generative AI.

    Args:
        provider: whose wire form it is.
        model: the provider's name of the model.
        request: counted, not quoted.
    """
    return _span("chat", provider, model, {"gen_ai.request.max_tokens": request.max_tokens})


def image_span(model: str, quality: str) -> AbstractContextManager[trace.Span]:
    """A client span for one picture.

    Args:
        model: the provider's name of the model.
        quality: as it is asked for.
    """
    return _span("generate_content", Provider.OPENAI, model, {"gen_ai.output.type": "image", "quality": quality})


@contextmanager
def _span(operation: str, provider: Provider, model: str, attributes: Mapping[str, str | int]) -> Iterator[trace.Span]:
    with _tracer.start_as_current_span(
        f"{operation} {model}", kind=trace.SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
    ) as span:
        span.set_attributes(
            {
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": provider.value,
                "gen_ai.request.model": model,
                **attributes,
            }
        )
        try:
            yield span
        except ApplicationError as failure:
            kind = failure.type or type(failure).__name__
            count_model_call(provider.value, model, kind)
            span.set_attribute("error.type", kind)
            span.set_status(trace.StatusCode.ERROR)
            raise
        count_model_call(provider.value, model, "ok")


def note_answer(span: trace.Span, answer: ModelAnswer) -> None:
    """Write down what the answer used."""
    span.set_attributes(
        {
            "gen_ai.response.model": answer.model,
            "gen_ai.response.finish_reasons": (answer.finish,),
            "gen_ai.usage.input_tokens": answer.usage.input,
            "gen_ai.usage.output_tokens": answer.usage.output,
        }
    )
