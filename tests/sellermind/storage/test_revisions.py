"""The revisions by their file names, against Alembic's own reading of the files."""

import subprocess
import sys

from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from sellermind.storage import schema


def test_file_names_and_files_name_the_same_revisions_in_one_line(sqlite_migrated: Engine) -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    in_order = [script.revision for script in scripts.walk_revisions()][::-1]
    files = sorted((schema.MIGRATIONS / "versions").glob("r[0-9]*.py"))
    assert [file.name[1:5] for file in files] == in_order
    assert schema.upgrade(sqlite_migrated) == scripts.get_current_head()


def test_checking_the_revision_does_not_load_alembic() -> None:
    program = "import sys; import sellermind.storage.schema; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
