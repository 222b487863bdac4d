"""Records what nearc claims: writes each project below into a folder of its own, lets nearc's own code add the claim, runs what it
added, and keeps what it returned, or null where Python cannot run it.

    python -m venv v && v/bin/pip install nearc==0.10.0 && v/bin/python record.py
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types

from nearc.metadata import inject_metadata_function
from nearc.reproducible import init_reproducible_build_config

HERE = pathlib.Path(__file__).parent
HTTPS = "https://github.com/example/app.git"
DIGEST = "sha256:7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234"
PROJECT = '[project]\nname = "greeter"\nversion = "0.1.0"\nrequires-python = ">=3.12"\ndependencies = ["near-sdk-py==1.0.0"]\n'
CONTRACT = "import near\n\n\n@near.export\ndef greet():\n    near.value_return('hello')\n"


def section(image, command='["nearc"]', more=""):
    return f'\n[tool.near.reproducible_build]\nimage = "{image}"\n{more}container_build_command = {command}\n'


BUILD_INFO = f"""
[tool.near.contract.build_info]
build_environment = "ghcr.io/r-near/nearc:0.10.0@{DIGEST}"
build_command = ["nearc"]
contract_path = ""
output_wasm_path = "/home/near/code/main.wasm"
"""
PINNED = f"ghcr.io/r-near/nearc@{DIGEST}"
APART = f'image_digest = "{DIGEST}"\n'

# Name, `pyproject.toml` (none: as `nearc --init-reproducible-config` makes it), `remote.origin.url`.
ROWS = [
    ("as_nearc_makes_it", None, HTTPS),
    ("digest_in_its_own_key", PROJECT + section("ghcr.io/r-near/nearc:0.10.0", more=APART), HTTPS),
    ("digest_in_the_image", PROJECT + section(PINNED), HTTPS),
    ("digest_in_both", PROJECT + section(PINNED, more=APART), HTTPS),
    ("no_section", PROJECT, HTTPS),
    ("empty_section", PROJECT + "\n[tool.near.reproducible_build]\n", HTTPS),
    ("no_image", PROJECT + '\n[tool.near.reproducible_build]\ncontainer_build_command = ["nearc"]\n', HTTPS),
    ("no_command", PROJECT + f'\n[tool.near.reproducible_build]\nimage = "{PINNED}"\n', HTTPS),
    ("command_is_a_text", PROJECT + section(PINNED, '"nearc"'), HTTPS),
    ("quotation_marks", PROJECT + section(PINNED, """["sh", "-c", 'nearc "main.py"']"""), HTTPS),
    ("apostrophe", PROJECT + section(PINNED, """["sh", "-c", "nearc 'main.py'"]"""), HTTPS),
    ("build_info", PROJECT + BUILD_INFO, HTTPS),
    ("build_info_and_section", PROJECT + section(PINNED) + BUILD_INFO, HTTPS),
    ("no_remote", PROJECT + section(PINNED), None),
    ("remote_by_ssh", PROJECT + section(PINNED), "git@github.com:example/app.git"),
    (
        "link_and_standards",
        PROJECT
        + '\n[project.urls]\nrepository = "https://github.com/example/app"\n\n[tool.near.contract]\nlink = "https://other.example"\n'
        + 'standards = [{ standard = "nep141", version = "1.0.0" }]\n'
        + section(PINNED),
        HTTPS,
    ),
]


def git(folder, *words):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    for role in ["AUTHOR", "COMMITTER"]:
        environment |= {f"GIT_{role}_NAME": "t", f"GIT_{role}_EMAIL": "t@example.com", f"GIT_{role}_DATE": "2026-01-01T00:00:00Z"}
    return subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def returned(path):
    said = []
    near = types.ModuleType("near")
    near.export = lambda function: function
    near.value_return = said.append
    sys.modules["near"] = near
    names = {}
    try:
        exec(compile(path.read_text(), path.name, "exec"), names)
    except SyntaxError:
        return None
    names["contract_source_metadata"]()
    return said[0]


for name, pyproject, origin in ROWS:
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        contract = folder / "main.py"
        contract.write_text(CONTRACT)
        if pyproject is None:
            init_reproducible_build_config(folder)
        else:
            (folder / "pyproject.toml").write_text(pyproject)
        git(folder, "init", "--quiet", "--initial-branch=main")
        if origin:
            git(folder, "remote", "add", "origin", origin)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message=c")
        row = {
            "pyproject": (folder / "pyproject.toml").read_text(),
            "origin": origin,
            "commit": git(folder, "rev-parse", "HEAD"),
            "claim": returned(inject_metadata_function(contract)),
        }
        (HERE / f"{name}.json").write_text(json.dumps(row, indent=2) + "\n")
