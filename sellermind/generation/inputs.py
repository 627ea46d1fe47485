"""`generation_tasks.input_data`, read as strictly as it is acted on."""

from pydantic import ValidationError

from sellermind.errors import Refused
from sellermind.models.generation import (
    CardsInput,
    DescriptionsInput,
    GenerationTask,
    GenerationType,
    ImagesInput,
)

Wanted = CardsInput | DescriptionsInput | ImagesInput
FORMS: dict[GenerationType, type[Wanted]] = {
    GenerationType.CARDS: CardsInput,
    GenerationType.DESCRIPTIONS: DescriptionsInput,
    GenerationType.IMAGES: ImagesInput,
}


def wanted_by(task: GenerationTask) -> Wanted:
    """What a task asks for.

    Raises:
        Refused: its type is unknown, or its input is not of the type's form.
    """
    if task.type not in set(GenerationType):
        known = ", ".join(kind.value for kind in GenerationType)
        raise Refused(f"Task {task.id} has the unknown type {task.type!r}: we make {known}.")
    try:
        return FORMS[GenerationType(task.type)].model_validate(task.input)
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, fault["loc"])) or "input_data" for fault in error.errors()}))
        raise Refused(f"The input of task {task.id} cannot be used: mend {places} and start it again.") from None
