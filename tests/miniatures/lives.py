# SPDX-License-Identifier: Apache-2.0
"""Miniatures that tell the wrong story: the reference, wrong in one way about the life of an import job.

It owns the rows, the conforming handler that they wrap, and the ways in which a life goes wrong: documents
that show it wrongly, requests that are let pass. It refuses to know how a run goes and what is made of it
(tests/test_lifecycle_miniatures.py).
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.reference.clock import Clock
from aws_conformance.targets.server import Handler

from .changes import Make, read, reply

__all__ = [
    "LIVES",
    "Edit",
    "Life",
    "asked_of",
    "conforming",
    "edited",
    "restarting_stopped_jobs",
    "with_an_empty_file",
    "without",
]

_CREATE = "cognito-idp:CreateUserImportJob"
_DESCRIBE = "cognito-idp:DescribeUserImportJob"
_START = "cognito-idp:StartUserImportJob"
_STOP = "cognito-idp:StopUserImportJob"

# Seconds that the target's clock has to move until a stopped job rests, where stopping takes time.
_STOPPING = 1.0
# Seconds for which a job is Pending in the reference.
_PENDING = 2.0
# Seconds of real time within which requests that are sent at once have all come, on a slow machine too.
_AT_ONCE = 2.0
_FOR_EVER = 1e12

Job: TypeAlias = dict[str, Any]
Edit: TypeAlias = Callable[[Job], None]
# What makes the implementation: from the seed of its identifiers, and its clock.
Serve: TypeAlias = Callable[[int, Clock], Handler]


@dataclass(frozen=True, slots=True)
class Life:
    """An implementation that is wrong in one way about the life of a job.

    `breaks` is the check that catches it, `at` the place that the finding names, `rule` says in a sentence
    what is wrong with it. `operation` is the one whose histories show it. `moves` are those of the shortest
    history that does, and `steps` is how long its transcript is without the setup.
    """

    name: str
    breaks: str
    at: str
    rule: str
    operation: str
    make: Serve
    moves: tuple[str, ...]
    steps: int


def conforming(seed: int, clock: Clock, progress_seconds: float = 2.0) -> Handler:
    """The right implementation, whose time is moved by requests alone."""
    settings = Settings(
        seed=seed, time_control=True, stopping_seconds=_STOPPING, progress_seconds=progress_seconds
    )
    return Reference(settings, clock).handle


# Exchanges.


def asked_of(request: Request) -> str:
    """The operation that a request asks for; empty for uploads and moves of time."""
    return (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]


def _job_of(request: Request) -> str:
    """The job that a request names, or the empty string."""
    value = read(request) if asked_of(request) else None
    return str(value.get("JobId", "")) if isinstance(value, dict) else ""


def _jobs(response: Response) -> tuple[Any, list[Job]]:
    """The document of an answer, and the jobs in it."""
    value = read(response)
    if not isinstance(value, dict):
        return value, []
    return value, [*filter(None, [value.get("UserImportJob")]), *value.get("UserImportJobs", ())]


def _refused(response: Response, message: str) -> bool:
    """Whether an answer is a refusal whose text `message` finds."""
    value = read(response) if response.status == 400 else None
    return isinstance(value, dict) and re.search(message, str(value.get("message"))) is not None


def _answer(response: Response, status: int, value: Any) -> Response:
    """Another answer to the same request, without what its headers said of an error."""
    headers = tuple(pair for pair in response.headers if not pair[0].lower().startswith("x-amzn-error"))
    return Response(status, headers, json.dumps(value).encode())


def _changing(make: Make) -> Serve:
    """The conforming handler, but for a change of its exchanges."""

    def serve(seed: int, clock: Clock) -> Handler:
        right, change = conforming(seed, clock), make()
        return lambda request: change(request, right(request))

    return serve


# What is shown.


def edited(right: Handler, edit: Edit) -> Handler:
    """The handler with the document of each job that it shows edited in place."""

    def handle(request: Request) -> Response:
        response = right(request)
        value, jobs = _jobs(response)
        for job in jobs:
            edit(job)
        return replace(response, body=json.dumps(value).encode()) if jobs else response

    return handle


def _shown(edit: Edit) -> Serve:
    """Every job has its document edited in place, whoever shows it."""
    return lambda seed, clock: edited(conforming(seed, clock), edit)


def _in(status: str, edit: Edit) -> Edit:
    """The edit, of jobs in that state."""

    def apply(job: Job) -> None:
        if job["Status"] == status:
            edit(job)

    return apply


def without(*names: str) -> Edit:
    def edit(job: Job) -> None:
        for name in names:
            job.pop(name, None)

    return edit


def _with(**members: Any) -> Edit:
    return lambda job: job.update(members)


def _copied(source: str, to: str) -> Edit:
    return lambda job: job.update({to: job[source]})


def _less_by_a_user(job: Job) -> None:
    job["ImportedUsers"] = max(0, job["ImportedUsers"] - 1)


def _stopping(job: Job) -> None:
    """A job that is Stopped, as it was while it was Stopping."""
    job["Status"] = "Stopping"
    without("CompletionDate", "CompletionMessage")(job)


def _read_after_all(job: Job) -> None:
    """A file that can't be read counts as its one row, so that all that is wrong is that it succeeds."""
    if "could not be read" in job["CompletionMessage"]:
        message = "Import Job Completed Successfully."
        job.update(Status="Succeeded", ImportedUsers=1, CompletionMessage=message)


def _without_expired_jobs(request: Request, response: Response) -> Response:
    value, jobs = _jobs(response)
    value["UserImportJobs"] = [job for job in jobs if job["Status"] != "Expired"]
    return _answer(response, 200, value)


def _shows_an_imported_user(request: Request, response: Response) -> bool:
    value = read(response) if asked_of(request) == "AdminGetUser" else None
    return isinstance(value, dict) and value.get("UserStatus") == "RESET_REQUIRED"


def _no_such_user(request: Request, response: Response) -> Response:
    error = {"__type": "UserNotFoundException", "message": "User does not exist."}
    return _answer(response, 400, error)


# What is let pass.


def with_an_empty_file(seed: int, clock: Clock) -> Handler:
    """A job has a file from the beginning, an empty one: it starts without an upload, and fails."""
    right = conforming(seed, clock)

    def handle(request: Request) -> Response:
        response = right(request)
        if asked_of(request) == "CreateUserImportJob" and response.status == 200:
            url = urlsplit(_jobs(response)[1][0]["PreSignedUrl"])
            headers = (("Host", url.netloc), ("x-amz-server-side-encryption", "aws:kms"))
            right(Request("PUT", f"{url.path}?{url.query}", headers))
        return response

    return handle


class _Pretence:
    """Starts that the reference refuses are taken; what becomes of such a job is told, and never happens.

    It is Pending as long as others are, and then Failed, as for a role that can't be assumed: that needs no
    users. A stop is told as well. `when` says which of the refused starts are taken, given the job.
    """

    def __init__(self, right: Handler, clock: Clock, message: str, when: Callable[[Job], bool]) -> None:
        self._right = right
        self._clock = clock
        self._message = message
        self._when = when
        self._last: dict[str, Job] = {}
        self._began: dict[str, float] = {}
        self._stopped: dict[str, float] = {}

    def handle(self, request: Request) -> Response:
        response = self._right(request)
        job, asked = _job_of(request), asked_of(request)
        value, shown = _jobs(response)
        for shown_job in shown:
            self._last[shown_job["JobId"]] = dict(shown_job)
            self._tell(shown_job)
        if job in self._began and asked in ("StartUserImportJob", "StopUserImportJob"):
            return self._acted(response, job, asked)
        if asked == "StartUserImportJob" and job in self._last and _refused(response, self._message):
            if not self._when(self._last[job]):
                return response
            self._began[job] = self._clock.now()
            return self._shown(response, job)
        return replace(response, body=json.dumps(value).encode()) if shown else response

    def _acted(self, response: Response, job: str, asked: str) -> Response:
        """The answer to another start or stop of a job whose life is told."""
        if asked == "StopUserImportJob" and self._document(job)["Status"] == "Pending":
            self._stopped[job] = self._clock.now()
            return self._shown(response, job)
        message = f"Import job {job} is {self._document(job)['Status']}."
        return _answer(response, 400, {"__type": "PreconditionNotMetException", "message": message})

    def _shown(self, response: Response, job: str) -> Response:
        return _answer(response, 200, {"UserImportJob": self._document(job)})

    def _document(self, job: str) -> Job:
        document = dict(self._last[job])
        self._tell(document)
        return document

    def _tell(self, job: Job) -> None:
        began = self._began.get(job["JobId"])
        if began is None:
            return
        without("CompletionDate", "CompletionMessage")(job)
        job.update(Status="Pending", StartDate=began, ImportedUsers=0, SkippedUsers=0, FailedUsers=0)
        stopped = self._stopped.get(job["JobId"])
        if stopped is not None:
            message = "The Import Job was stopped by the developer."
            job.update(Status="Stopped", CompletionDate=stopped, CompletionMessage=message)
        elif self._clock.now() >= began + _PENDING:
            message = "The role could not be assumed."
            job.update(Status="Failed", CompletionDate=began + _PENDING, CompletionMessage=message)


def _with_two_active_jobs(seed: int, clock: Clock) -> Handler:
    message = "only one import job can be active"
    return _Pretence(conforming(seed, clock), clock, message, lambda job: True).handle


def restarting_stopped_jobs(seed: int, clock: Clock, serve: Serve = conforming) -> Handler:
    """Stopping takes a second of the target's time, and is refused until it is over.

    Time stands still in a race. Without that, a start and a stop at once would come to a start, a stop and
    another start, which no order explains: a second thing that is wrong.
    """

    def rested(job: Job) -> bool:
        return clock.now() >= float(job["CompletionDate"]) + _STOPPING

    def slow(job: Job) -> None:
        if job["Status"] == "Stopped" and not rested(job):
            _stopping(job)

    right = _Pretence(serve(seed, clock), clock, "is Stopped and can not be started", rested).handle

    def handle(request: Request) -> Response:
        response = right(request)
        value, jobs = _jobs(response)
        for job in jobs:
            slow(job)
        return replace(response, body=json.dumps(value).encode()) if jobs else response

    return handle


class _Crowd:
    """Requests about the same job: whether one of them was alone, or came at once with another."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._came: Counter[str] = Counter()
        self._left: Counter[str] = Counter()

    def come(self, job: str) -> tuple[int, bool]:
        """A request has come: its number, and whether no other is there."""
        with self._news:
            alone = self._came[job] == self._left[job]
            self._came[job] += 1
            self._news.notify_all()
            return self._came[job], alone

    def leave(self, job: str) -> None:
        with self._news:
            self._left[job] += 1

    def followed(self, job: str, number: int) -> bool:
        """Whether another comes after the request of that number soon; waits for as long as that takes."""
        with self._news:
            return self._news.wait_for(lambda: self._came[job] > number, _AT_ONCE)


def _starting_twice(seed: int, clock: Clock) -> Handler:
    """A start of a Pending job is taken, if a start is all that has ever been asked of it.

    Starts and stops at once are more than that, and are answered as they should be. If two of those starts
    were taken, the answers to a race would be wrong as well.
    """
    right, crowd = conforming(seed, clock), _Crowd()
    pending: dict[str, Any] = {}

    def handle(request: Request) -> Response:
        job = _job_of(request)
        number, _ = crowd.come(job)
        response = right(request)
        if asked_of(request) == "StartUserImportJob" and response.status == 200:
            pending[job] = read(response)
        again = number == 2 and job in pending and _refused(response, "is Pending and can not be started")
        return _answer(response, 200, pending[job]) if again and not crowd.followed(job, number) else response

    return handle


def _with_two_winners(seed: int, clock: Clock) -> Handler:
    """Of starts that are refused at once, one gets the winner's answer; one that is alone does not.

    So a start that comes second is refused as it should be, and so are two starts at once: what they are
    told apart by is that more than one of them is refused.
    """
    right, crowd, lock = conforming(seed, clock), _Crowd(), threading.Lock()
    winners: dict[str, Any] = {}

    def started(request: Request) -> Response:
        # One at a time, so that the winner's answer is there before anybody is refused.
        with lock:
            response = right(request)
            if response.status == 200:
                winners[_job_of(request)] = read(response)
            return response

    def handle(request: Request) -> Response:
        if asked_of(request) != "StartUserImportJob":
            return right(request)
        response, job = started(request), _job_of(request)
        if not _refused(response, "is Pending and can not be started"):
            return response
        number, alone = crowd.come(job)
        alone = alone and not crowd.followed(job, number)
        crowd.leave(job)
        with lock:
            won = None if alone else winners.pop(job, None)
        return response if won is None else _answer(response, 200, won)

    return handle


# Moves, in the words of the test that reads them.
_CREATED = "first: create"
_PUT = "first: upload (plain)"
_STARTED = "first: start"
_STOPPED = "first: stop"
_EXPIRED = "first: pass until Expired"
_SUCCEEDED = "first: wait until Succeeded"

LIVES: tuple[Life, ...] = (
    # Steps of a legal path: each action is followed by DescribeUserImportJob and ListUserImportJobs; of any
    # other history: the actions alone. A transcript ends with the step that shows the violation.
    Life(
        "starts-without-a-file",
        "lifecycle.refusal",
        "(start in Created)",
        "A job starts although no CSV file was uploaded.",
        _START,
        with_an_empty_file,
        (_CREATED, _STARTED),
        2,
    ),
    Life(
        "restarts-a-stopped-job",
        "lifecycle.refusal",
        "(start in Stopped)",
        "A job that was stopped is started again.",
        _START,
        restarting_stopped_jobs,
        (_CREATED, _PUT, _STARTED, _STOPPED, "first: wait until Stopped", _STARTED),
        # Five actions, and time that is moved once while the job is Stopping, with a look after it.
        7,
    ),
    Life(
        "starts-twice",
        "lifecycle.refusal.unrecorded",
        "(start in Pending)",
        "A job that is Pending is started again.",
        _START,
        _starting_twice,
        (_CREATED, _PUT, _STARTED, _STARTED),
        4,
    ),
    Life(
        "stays-in-progress",
        "lifecycle.stuck",
        "$.UserImportJob",
        "A job comes to InProgress and stays there.",
        _START,
        lambda seed, clock: conforming(seed, clock, progress_seconds=_FOR_EVER),
        (_CREATED, _PUT, _STARTED, _SUCCEEDED),
        # Create and start with two looks each (6), the upload; time is moved into InProgress, which both
        # readers show (3); and then, doubled each time from 2 s, nine times until 600 s have passed (18).
        28,
    ),
    Life(
        "forgets-a-counter",
        "lifecycle.member.absent",
        "$.UserImportJob.FailedUsers",
        "A job is shown without FailedUsers.",
        _DESCRIBE,
        _shown(without("FailedUsers")),
        (_CREATED,),
        1,
    ),
    Life(
        "start-date-of-an-expired-job",
        "lifecycle.member.unexpected",
        "$.UserImportJob.StartDate",
        "A job that has expired shows when it was started.",
        _CREATE,
        _shown(_in("Expired", _copied("CreationDate", "StartDate"))),
        (_CREATED, _EXPIRED),
        # The action with two looks; time that is moved, and a look.
        5,
    ),
    Life(
        "failed-without-completion-date",
        "lifecycle.member.absent",
        "$.UserImportJob.CompletionDate",
        "A job that has failed does not show when.",
        _START,
        _shown(_in("Failed", without("CompletionDate"))),
        (_CREATED, "first: upload (a column missing)", _STARTED, "first: wait until Failed"),
        # Create and start with two looks each (6), the upload; time is moved by 2 s, and a look.
        9,
    ),
    Life(
        "counters-do-not-add-up",
        "lifecycle.counters",
        "$.UserImportJob",
        "A job that has succeeded counts one user less than there were.",
        _START,
        _shown(_in("Succeeded", _less_by_a_user)),
        (_CREATED, _PUT, _STARTED, _SUCCEEDED),
        # Create and start with two looks each (6), the upload; time is moved into InProgress, which both
        # readers show (3), and to the end (2).
        12,
    ),
    Life(
        "two-active-jobs",
        "lifecycle.refusal",
        "(start in Created)",
        "A job starts while another of the account is active.",
        _START,
        _with_two_active_jobs,
        (_CREATED, _PUT, "second: create", "second: upload (plain)", "second: start", _STARTED),
        # The last of them shows that the other job is active still.
        7,
    ),
    Life(
        "stop-without-end",
        "lifecycle.stuck",
        "$.UserImportJob",
        "A job that was stopped is Stopping for ever.",
        _STOP,
        _shown(_in("Stopped", _stopping)),
        (_CREATED, _PUT, _STARTED, _STOPPED, "first: wait until Stopped"),
        # Four actions with two looks each, but for the upload; and nine times time, doubled from 2 s, and a
        # look.
        28,
    ),
    Life(
        "list-without-expired-jobs",
        "lifecycle.agreement",
        "$.UserImportJobs",
        "A job that has expired is not in the list, though it can be described.",
        _CREATE,
        _changing(
            reply(lambda request, response: asked_of(request) == "ListUserImportJobs", _without_expired_jobs)
        ),
        (_CREATED, _EXPIRED),
        # As for a date that an expired job should not have; and the list, thrice in case it is late.
        8,
    ),
    Life(
        "two-winners",
        "lifecycle.concurrency",
        "(requests at once)",
        "Of starts at once two succeed.",
        _START,
        _with_two_winners,
        (_CREATED, _PUT, "first: race start from 16 connections"),
        # Equal answers of a race are one step: two accepted, fourteen refused. Then its state is looked at.
        5,
    ),
    Life(
        "creation-date-of-its-end",
        "lifecycle.constant",
        "$.UserImportJob.CreationDate",
        "A job that has expired shows another CreationDate than before.",
        _CREATE,
        _shown(_in("Expired", _copied("CompletionDate", "CreationDate"))),
        (_CREATED, _EXPIRED),
        5,
    ),
    Life(
        "imports-nobody",
        "lifecycle.effect",
        "(answer)",
        "The users of a job that has succeeded are not there.",
        _START,
        _changing(reply(_shows_an_imported_user, _no_such_user)),
        (_CREATED, _PUT, _STARTED, _SUCCEEDED),
        # As for counters that do not add up; the list once more, and the first user is looked for.
        14,
    ),
    Life(
        "all-jobs-have-one-name",
        "lifecycle.given",
        "$.UserImportJob.JobName",
        "A job is called otherwise than it was asked to be, by all operations alike.",
        _CREATE,
        _shown(_with(JobName="job")),
        (_CREATED,),
        1,
    ),
    Life(
        "expired-in-other-words",
        "lifecycle.member.value",
        "$.UserImportJob.CompletionMessage",
        "A job that has expired says so in other words.",
        _CREATE,
        _shown(_in("Expired", _with(CompletionMessage="Expired."))),
        (_CREATED, _EXPIRED),
        5,
    ),
    Life(
        "reads-what-can-not-be-read",
        "lifecycle.transition",
        "$.UserImportJob.Status",
        "A job succeeds although its file lacks a column.",
        _START,
        _shown(_in("Failed", _read_after_all)),
        (_CREATED, "first: upload (a column missing)", _STARTED, "first: wait until Failed"),
        # As for a failed job without CompletionDate.
        9,
    ),
)
