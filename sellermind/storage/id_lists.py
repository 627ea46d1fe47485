"""`column IN (ids)` with all ids in one bind parameter: one for each, as SQLAlchemy has it, takes twice as long."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, String, bindparam
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from sellermind.storage.literals import spell


class _Ids(TypeDecorator[Sequence[str]]):
    """Texts: spelled for MySQL, as JSON for SQLite."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        ids = value or (None,)  # a list needs one member; NULL is in none
        return spell(ids) if dialect.name == "mysql" else to_json(ids).decode()


class _Members(FunctionElement[Any]):
    """What stands behind IN."""

    inherit_cache = True


@compiles(_Members)
def _spelled(element: _Members, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(_Members, "sqlite")
def _from_json(element: _Members, compiler: SQLCompiler, **options: Any) -> str:
    parameter = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({parameter}))"  # noqa: S608 - the mark of a bind parameter


def among(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """Whether a column's text is one of those that are given when the statement is run.

    Args:
        column: compared with them, by its own collation.
        parameter: name of the bind parameter that takes them, a sequence of texts; in an empty one there is nothing.
    """
    return column.bool_op("IN")(_Members(bindparam(parameter, type_=_Ids())))
