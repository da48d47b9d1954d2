"""`comment`: print a recorded preview as a comment, or post it."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from webstack.cli.comments import github, gitlab
from webstack.cli.comments.host import PullRequest, put
from webstack.cli.review import markdown
from webstack.cli.review.document import LARGEST, parse
from webstack.cli.review.reading import review
from webstack.cli.terminal.arguments import add_flag
from webstack.cli.terminal.errors import OpsError
from webstack.engine.storage import files
from webstack.engine.storage.privacy import PRIVATE


def arguments(parser: ArgumentParser) -> None:
    """Add the command's words and options."""
    parser.add_argument("file", metavar="FILE.json", help="what `preview --json` wrote; - is stdin")
    add_flag(parser, "--post", text="write or edit the comment of this environment")
    parser.add_argument("--host", choices=("github", "gitlab"), help="whose job runs, unless given")
    parser.add_argument(
        "--pull-request", metavar="NUMBER", help="the one that the job runs for unless given"
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="one line below the verdict")
    parser.add_argument("--full", type=Path, metavar="FILE", help="write the whole text there")
    add_flag(parser, "--allow-data-loss", text="as the preview was run")


def run(options: Namespace) -> int:
    """Print what a preview means, or write it below a pull request, for each environment once."""
    found = review(parse(_text(options.file)), loss_allowed=options.allow_data_loss)
    if options.full:
        files.write(options.full, markdown.full_text(found, options.note), access=PRIVATE)
    if not options.post:
        print(markdown.comment(found, options.note), end="")
        return 0
    if not found.stack:
        raise OpsError(
            "this preview names no stack, so none has a comment to write",
            "`webstack preview --json` names it always",
        )
    try:
        pull_request = _pull_request(options, os.environ)
        body = markdown.comment(found, options.note, pull_request.largest)
        print(put(pull_request, body, markdown.marker(found)), file=sys.stderr)
    except (LookupError, TypeError, AttributeError) as error:
        raise OpsError(f"the host's answer is not what its API promises: {error!r}") from None
    return 0


def _text(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise OpsError(f"cannot read the preview {file}: {error.strerror}") from None


def _pull_request(options: Namespace, environ: Mapping[str, str]) -> PullRequest:
    host = options.host or ("gitlab" if environ.get("GITLAB_CI") else "github")
    if host == "gitlab":
        number = options.pull_request or gitlab.number_of(environ)
        return gitlab.GitLabMergeRequest(environ, number)
    return github.GitHubPullRequest(environ, options.pull_request or github.number_of(environ))
