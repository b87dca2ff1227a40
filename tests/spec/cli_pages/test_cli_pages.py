# SPDX-License-Identifier: Apache-2.0
"""A page of the AWS CLI reference becomes the shapes that it tells, whatever form it comes in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aws_conformance.errors import UsageError
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.cli_pages import Page, PageError, join, parse_page, read_page, service_of
from aws_conformance.spec.diff import ASPECTS, ModelSource, differences
from aws_conformance.spec.shapes import (
    BlobShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)

ROOT = Path(__file__).parents[3]
SEED = Path(__file__).parents[2] / "data" / "start-user-import-job-2017.rst"
AWSCLI = "AWS_CONFORMANCE_AWSCLI_PYTHON"


def write(
    synopsis: str = "",
    options: str = "",
    output: str = "None",
    *,
    command: str = "make-thing",
    link: str = "things-2020-01-01/MakeThing",
    head: str = "",
) -> str:
    """A page of the things service in reStructuredText; blocks are given without their headings."""
    see = (
        f"See also: `AWS API Documentation <https://docs.aws.amazon.com/goto/WebAPI/{link}>`_" if link else ""
    )
    return "\n".join(
        [
            "[ :ref:`aws <cli:aws>` . :ref:`things <cli:aws things>` ]",
            head,
            f".. _cli:aws things {command}:",
            "",
            "*" * len(command),
            command,
            "*" * len(command),
            "",
            "===========",
            "Description",
            "===========",
            "",
            see,
            "",
            "========",
            "Synopsis",
            "========",
            "",
            "::",
            "",
            f"    {command}",
            *(f"  {line}" for line in synopsis.strip().splitlines()),
            "",
            "=======",
            "Options",
            "=======",
            "",
            *options.strip("\n").splitlines(),
            "",
            "======",
            "Output",
            "======",
            "",
            *output.strip("\n").splitlines(),
            "",
        ]
    )


def read(text: str) -> Page:
    return parse_page(text, name="page.rst", joined=False)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def at(page: Page, path: str) -> Shape:
    """The shape at a path such as `input.Things[].Name` or `output.Map{}`."""
    side, *steps = path.replace("[]", ".[]").replace("{key}", ".{key}").replace("{}", ".{}").split(".")
    service, operation = page.service, page.service.operations[page.operation]
    shape: Shape = service.structure(operation.input if side == "input" else operation.output)
    for step in steps:
        if isinstance(shape, StructureShape):
            shape = service.shape(shape.members[step].target)
        elif isinstance(shape, ListShape):
            assert step == "[]"
            shape = service.shape(shape.member.target)
        elif isinstance(shape, MapShape):
            shape = service.shape(shape.key.target if step == "{key}" else shape.value.target)
        else:
            raise AssertionError(f"nothing at {step} in {shape}")
    return shape


def members(shape: Shape) -> list[str]:
    assert isinstance(shape, StructureShape)
    return list(shape.members)


# The seed.


def test_the_seed_is_read_without_any_model() -> None:
    page = read(SEED.read_text("utf-8"))
    assert page.operation == "StartUserImportJob"
    assert page.uid == "cognito-idp-2016-04-18"
    assert page.command == "aws cognito-idp start-user-import-job"
    assert (page.service.name, page.service.api_version) == ("cognito-idp", "2016-04-18")
    assert page.service.protocols == ()
    assert any("schemas only" in limit for limit in page.limits)
    structure = at(page, "input")
    assert isinstance(structure, StructureShape)
    assert structure.required == ("UserPoolId", "JobId")
    assert [option.required for option in page.options] == [True, True, False, False]
    assert members(at(page, "output.UserImportJob")) == [
        "JobName",
        "JobId",
        "UserPoolId",
        "PreSignedUrl",
        "CreationDate",
        "StartDate",
        "CompletionDate",
        "Status",
        "CloudWatchLogsRoleArn",
        "ImportedUsers",
        "SkippedUsers",
        "FailedUsers",
        "CompletionMessage",
    ]
    status = at(page, "output.UserImportJob.Status")
    assert isinstance(status, StringShape)
    assert status.enum == (
        "Created",
        "Pending",
        "InProgress",
        "Stopping",
        "Stopped",
        "Succeeded",
        "Failed",
        "Expired",
    )
    assert page.tentative == {status.name}
    assert isinstance(at(page, "output.UserImportJob.CreationDate"), TimestampShape)
    assert at(page, "output.UserImportJob.FailedUsers") == IntegerShape("Long", 64)


def test_the_seed_joined_has_all_that_a_request_needs() -> None:
    page = parse_page(SEED.read_text("utf-8"), name="seed")
    model = load_service("cognito-idp")
    assert page.guessed == ()
    assert page.service.protocols == model.protocols
    assert page.service.target_prefix == "AWSCognitoIdentityProviderService"
    operation = page.service.operations["StartUserImportJob"]
    assert operation.errors == model.operations["StartUserImportJob"].errors
    assert "PreconditionNotMetException" in page.service.shapes
    assert members(at(page, "input")) == ["UserPoolId", "JobId"]
    assert "errors" not in page.carries, "errors are the model's, and no statement of the page"


# What one member can be.

NESTED = """
``--spec`` (structure)


  What to make.

  Name -> (string)

    Its name.

  Sizes -> (list)

    (integer)

  Notes -> (map)

    key -> (string)

    value -> (structure)

      Text -> (string)

      Weight -> (double)

  Body -> (blob)

  Extra -> (document)

  Made -> (timestamp)

  Share -> (float)

  Grown -> (boolean)
"""


@pytest.mark.parametrize("spaces", [True, False], ids=["as written", "without spaces at line ends"])
def test_nested_members(spaces: bool) -> None:
    text = write("[--spec <value>]", NESTED)
    page = read(text if spaces else "\n".join(line.rstrip() for line in text.split("\n")))
    assert members(at(page, "input.Spec")) == [
        "Name",
        "Sizes",
        "Notes",
        "Body",
        "Extra",
        "Made",
        "Share",
        "Grown",
    ]
    assert at(page, "input.Spec.Sizes[]") == IntegerShape("Integer", 32)
    assert members(at(page, "input.Spec.Notes{}")) == ["Text", "Weight"]
    assert at(page, "input.Spec.Notes{}.Weight") == FloatShape("Double", 64)
    assert at(page, "input.Spec.Notes{key}") == StringShape("String")
    assert at(page, "input.Spec.Body") == BlobShape("Blob")
    assert at(page, "input.Spec.Extra") == DocumentShape("Document")
    assert at(page, "input.Spec.Share") == FloatShape("Float", 32)


def test_shape_names_come_from_the_path() -> None:
    page = read(write("[--spec <value>]", NESTED))
    assert at(page, "input.Spec.Notes{}").name == "MakeThingInputSpecNotesValue"
    assert page == read(write("[--spec <value>]", NESTED))


def test_tagged_union_streams_and_json() -> None:
    page = read(
        write(
            "--target <value>\n--body <value>\n[--extra <value>]",
            """
``--target`` (tagged union structure)

  One of two.

  A -> (string)

  B -> (structure)

``--body`` (streaming blob)

  Bytes.

``--extra`` (JSON)

  A JSON text.
""",
        )
    )
    target = at(page, "input.Target")
    assert isinstance(target, StructureShape)
    assert target.union
    assert members(at(page, "input.Target.B")) == []
    assert at(page, "input.Body") == BlobShape("StreamingBlob", streaming=True)
    structure = at(page, "input")
    assert isinstance(structure, StructureShape)
    assert structure.members["Body"].streaming
    assert structure.members["Extra"].json_value


def test_boolean_pairs_outfile_and_awsclis_own_options() -> None:
    page = read(
        write(
            "--thing-id <value>\n[--wait | --no-wait]\n<outfile>\n[--cli-input-json <value>]\n[--debug]",
            """
``--thing-id`` (string)

``--wait`` | ``--no-wait`` (boolean)

``outfile`` (string)

``--cli-input-json`` (string)
Text that is not indented.
""",
            "Body -> (streaming blob)",
        )
    )
    assert [(option.names, option.member) for option in page.options] == [
        (("--thing-id",), "ThingId"),
        (("--wait", "--no-wait"), "Wait"),
        (("outfile",), None),
        (("--cli-input-json",), None),
    ]
    assert members(at(page, "output")) == ["Body"]


def test_text_may_end_in_the_first_nested_header() -> None:
    page = read(
        write(
            "[--spec <value>]\n[--names <value>]\n[--tags <value>]",
            """
``--spec`` (structure)
What to make.Name -> (string)

    Its name.

  Size -> (long)

JSON Syntax::

  {
    "Name": "string",
    "Size": long
  }

``--names`` (list)
The names(string)

Syntax::

  "string" "string" ...

``--tags`` (map)
A collection of tags.key -> (string)

  value -> (string)
""",
        )
    )
    assert members(at(page, "input.Spec")) == ["Name", "Size"]
    assert isinstance(at(page, "input.Names[]"), StringShape)
    assert isinstance(at(page, "input.Tags{}"), StringShape)


def test_indentation_that_drifts_after_a_definition_list() -> None:
    """The first nested member of an option stands where the text before it ended."""
    page = read(
        write(
            "[--items <value>]",
            """
``--items`` (list)

  Things.

    term

  Explained.

    (structure)

    A thing.

    Name -> (string)

    Inner -> (structure)

      Deep -> (string)

    Size -> (long)
""",
        )
    )
    assert members(at(page, "input.Items[]")) == ["Name", "Inner", "Size"]
    assert members(at(page, "input.Items[].Inner")) == ["Deep"]


# Enum values and constraints.


def string_at(text: str, path: str = "output.State") -> tuple[StringShape, Page]:
    page = read(text)
    shape = at(page, path)
    assert isinstance(shape, StringShape)
    return shape, page


@pytest.mark.parametrize(
    "prose",
    [
        "  One of the following:\n\n  * ``ON`` - It runs.\n   \n  * ``OFF`` - It does not.",
        "  Its state. Valid values are\n\n  * ``ON``\n  * ``OFF`` : at rest",
        "  Valid values: ``ON`` | ``OFF``",
        "  Possible values: ``ON``, ``OFF``",
        "  Valid values are ``ON`` and ``OFF`` .",
        "  Can be one of the following values:\n\n     o ON - It runs, in\n       two lines.\n\n     o OFF",
    ],
)
def test_enum_values_in_prose(prose: str) -> None:
    shape, page = string_at(write(output=f"State -> (string)\n\n{prose}\n\nNext -> (string)"))
    assert shape.enum == ("ON", "OFF")
    assert page.tentative == {shape.name}


@pytest.mark.parametrize(
    "prose",
    [
        "  The following things may help:\n\n  * ``ON`` helps.",
        "  One of the following:\n\n  * ``ON`` - It runs.\n\n  * Anything else that you like.",
        "  Valid values: any text.",
        "  If A, valid values:\n\n  * ``X``\n\n  * ``Y``\n\n  If B, valid values:\n\n  * ``V``\n\n  * ``W``",
    ],
)
def test_lists_that_are_no_enum(prose: str) -> None:
    shape, _ = string_at(write(output=f"State -> (string)\n\n{prose}"))
    assert shape.enum == ()


def test_enum_values_listed_by_rule_win_over_prose() -> None:
    text = write(
        "[--mode <value>]",
        """
``--mode`` (string)

  Possible values:

  * ``"fast"``

  Possible values:


  *   ``fast``


  *   ``very slow``
""",
    )
    shape, page = string_at(text, "input.Mode")
    assert shape.enum == ("fast", "very slow")
    assert page.tentative == frozenset()


def test_constraints_and_requiredness_of_new_pages() -> None:
    text = write(
        "--name <value>\n[--list <value>]",
        r"""
``--name`` (string) [required]

  Its name.

  Constraints:

  * min: ``1``
  * max: ``55``
  * pattern: ``[\w-]+_[0-9a-zA-Z]+``

``--list`` (list)

  Constraints:

  * max: ``10``

  (structure)

    Id -> (string) [required]

      Constraints:

      * min: ``3``

    Share -> (double)

      Constraints:

      * min: ``0.5``

    Kind -> (string)

      Possible values:

      * ``A``
      * ``B``
""",
        head=".. meta::\n   :description: Use the AWS CLI 2.31.35 to run the command.\n",
    )
    page = read(text)
    assert page.version == "2.31.35"
    assert at(page, "input.Name") == StringShape(
        "MakeThingInputName", min=1, max=55, pattern=r"[\w-]+_[0-9a-zA-Z]+"
    )
    things = at(page, "input.List")
    assert isinstance(things, ListShape)
    assert (things.min, things.max) == (None, 10)
    element = at(page, "input.List[]")
    assert isinstance(element, StructureShape)
    assert element.required == ("Id",)
    assert at(page, "input.List[].Share") == FloatShape("MakeThingInputListElementShare", 64, 0.5)
    assert at(page, "input.List[].Kind") == StringShape("MakeThingInputListElementKind", enum=("A", "B"))
    assert {"input.constraints", "output.enums", "input.required.nested"} <= page.carries


def test_an_old_page_does_not_claim_what_it_cannot_carry() -> None:
    page = read(write("[--mode <value>]", "``--mode`` (string)"))
    assert not {"input.constraints", "output.enums", "errors", "sensitivity"} & page.carries
    assert "input.required" in page.carries


# JSON Syntax.


def test_json_syntax_alone_gives_nested_members_of_old_pages() -> None:
    page = read(
        write(
            "--spec <value>\n[--kinds <value>]",
            """
``--spec`` (structure)

  What to make.

Shorthand Syntax::

    Name=string,Size=integer

JSON Syntax::

  {
    "Name": "string",
    "Kind": "A"|"B"
      ,
    "Size": integer,
    "On": true|false,
    "Raw": blob,
    "Any": {...},
    "Empty": {

    },
    "Sizes": [long, ...],
    "Tags": {"string": "string"
      ...},
    "Deep": {"A"|"B": {
          "Items": [
            {
              "Share": double
            }
            ...
          ]
        }
      ...}
  }

``--kinds`` (list)

  Which.

Syntax::

  "string" "string" ...

  Where valid values are:
    A
    B
""",
        )
    )
    assert members(at(page, "input.Spec")) == [
        "Name",
        "Kind",
        "Size",
        "On",
        "Raw",
        "Any",
        "Empty",
        "Sizes",
        "Tags",
        "Deep",
    ]
    kind = at(page, "input.Spec.Kind")
    assert isinstance(kind, StringShape)
    assert kind.enum == ("A", "B")
    assert isinstance(at(page, "input.Spec.Any"), DocumentShape)
    assert members(at(page, "input.Spec.Empty")) == []
    assert at(page, "input.Spec.Sizes[]") == IntegerShape("Long", 64)
    key = at(page, "input.Spec.Deep{key}")
    assert isinstance(key, StringShape)
    assert key.enum == ("A", "B")
    assert at(page, "input.Spec.Deep{}.Items[].Share") == FloatShape("Double", 64)
    element = at(page, "input.Kinds[]")
    assert isinstance(element, StringShape)
    assert element.enum == ("A", "B")


# Recursion.

TREE = """
Root -> (structure)

  Name -> (string)

  Left -> (structure)

    Name -> (string)

    ( ... recursive ... )Others -> (list)

      ( ... recursive ... )

  Others -> (list)

    (structure)

      Name -> (string)

      ( ... recursive ... )Others -> (list)

        ( ... recursive ... )
"""


def test_recursion_points_to_the_structure_that_is_repeated() -> None:
    page = read(write(output=TREE))
    root = at(page, "output.Root")
    assert members(root) == ["Name", "Left", "Others"]
    assert at(page, "output.Root.Left") is root
    assert at(page, "output.Root.Others[]") is root
    assert at(page, "output.Root.Left.Others[].Left") is root


def test_recursion_through_two_structures() -> None:
    page = read(
        write(
            output="""
A -> (structure)

  B -> (structure)

    Size -> (long)

    A -> (structure)

      B -> (structure)

        Size -> (long)

        ( ... recursive ... )
"""
        )
    )
    assert at(page, "output.A.B.A") is at(page, "output.A")


LISTED = """
Nodes -> (list)

  (structure)

    Name -> (string)

      The name of a node.

    Nodes -> (list)

      (structure)

        Name -> (string)

          The name of {}.
"""


def test_a_list_left_out_for_recursion_is_known_by_the_same_text() -> None:
    """awscli leaves out a list that it has told twice, without a mark."""
    page = read(write(output=LISTED.format("a node")))
    assert at(page, "output.Nodes[].Nodes[]") is at(page, "output.Nodes[]")
    page = read(write(output=LISTED.format("a leaf")))
    assert members(at(page, "output.Nodes[].Nodes[]")) == ["Name"]


def test_recursion_in_json_syntax_has_names() -> None:
    page = read(
        write(
            "[--filter <value>]",
            """
``--filter`` (structure)

  Which.

JSON Syntax::

  {
    "Or": [
      {
        "Or": [
          { ... recursive ... }
          ...
        ],
        "Not": { ... recursive ... },
        "Tags":
      }
      ...
    ],
    "Not": {
      "Or": [
        { ... recursive ... }
        ...
      ],
      "Not": { ... recursive ... },
      "Tags": {"string": "string"
      ...}
    },
    "Tags": {"string": "string"
      ...}
  }
""",
        )
    )
    chosen = at(page, "input.Filter")
    assert at(page, "input.Filter.Or[]") is chosen
    assert at(page, "input.Filter.Not") is chosen
    assert members(chosen) == ["Or", "Not", "Tags"]


# Names.


def test_member_names_follow_what_the_page_shows() -> None:
    page = read(
        write(
            "--thing-arn <value>\n[--kms-key-arn <value>]\n[--max-size <value>]",
            "``--thing-arn`` (string)\n\n``--kms-key-arn`` (string)\n\n``--max-size`` (long)",
            "thingARN -> (string)\n\nkmsKeyArn -> (string)",
        )
    )
    assert [(option.member, option.guessed) for option in page.options] == [
        ("thingARN", False),
        ("kmsKeyArn", False),
        ("maxSize", True),
    ]
    assert page.guessed == ("maxSize",)
    assert any("--max-size" in limit for limit in page.limits)


def test_join_gives_exact_names_and_wire_traits() -> None:
    page = parse_page(
        write(
            "--bucket <value>\n[--mfa <value>]\n[--version-id <value>]",
            "``--bucket`` (string)\n\n``--mfa`` (string)\n\n``--version-id`` (string)",
            "DeleteMarker -> (boolean)",
            command="delete-object",
            link="s3-2006-03-01/DeleteObject",
        )
    )
    structure = at(page, "input")
    assert isinstance(structure, StructureShape)
    assert list(structure.members) == ["Bucket", "MFA", "VersionId"]
    assert structure.members["MFA"].location == "header"
    assert structure.members["MFA"].location_name == "x-amz-mfa"
    assert page.service.protocols == ("rest-xml",)
    assert page.service.operations["DeleteObject"].method == "DELETE"
    assert page.service.name == "s3"


def test_join_brings_back_what_paging_hides() -> None:
    text = write(
        "--user-pool-id <value>\n[--starting-token <value>]\n[--page-size <value>]\n[--max-items <value>]",
        "``--user-pool-id`` (string)\n\n``--starting-token`` (string)\n\n``--page-size`` (integer)\n\n"
        "``--max-items`` (integer)",
        "Groups -> (list)\n\n  (structure)\n\n    GroupName -> (string)\n\nNextToken -> (string)",
        command="list-groups",
        link="cognito-idp-2016-04-18/ListGroups",
    )
    alone = read(text)
    assert alone.paged
    assert members(at(alone, "input")) == ["UserPoolId"]
    assert "input.members" not in alone.carries
    page = parse_page(text)
    assert members(at(page, "input")) == ["UserPoolId", "NextToken", "Limit"]
    assert "input.members" in page.carries


def test_a_page_without_a_link_is_named_by_its_label_and_says_that_it_guessed() -> None:
    text = write("--user-pool-id <value>", "``--user-pool-id`` (string)", link="")
    page = read(text)
    assert (page.operation, page.service.name, page.uid) == ("MakeThing", "things", "")
    assert any("made up" in warning for warning in page.warnings)


def test_caller_gives_service_and_protocol() -> None:
    text = write("--user-pool-id <value>", "``--user-pool-id`` (string)")
    page = parse_page(text, protocols=("json",))
    assert page.service.protocols == ("json",)
    assert not any("schemas only" in limit for limit in page.limits)
    assert parse_page(text, service="thingz", protocols=("query",)).service.name == "thingz"
    with pytest.raises(UsageError, match="no service named 'thingz'"):
        parse_page(text, service="thingz")


def test_service_of_knows_other_dates_and_command_names() -> None:
    assert service_of("cognito-idp-2016-04-18", "") == "cognito-idp"
    assert service_of("cognito-idp-2099-01-01", "") == "cognito-idp"
    assert service_of("", "s3api") == "s3"
    assert service_of("things-2020-01-01", "things") is None


def test_join_with_a_model_that_lacks_the_operation() -> None:
    page = join(read(SEED.read_text("utf-8")), load_service("sqs"))
    assert any("no operation StartUserImportJob" in limit for limit in page.limits)
    assert members(at(page, "output")) == ["UserImportJob"]


# Other forms of a page.

RENDERED = """\
MAKE-THING()                                                        MAKE-THING()



N\bNA\bAM\bME\bE
       make-thing -

S\bSY\bYN\bNO\bOP\bPS\bSI\bIS\bS
            make-thing
          --spec <value>
          [--a-very-long-name-of-an-option | --no-a-very-long-name-of-an-option]
          [--short <value>]
          [--cli-input-json <value>]

O\bOP\bPT\bTI\bIO\bON\bNS\bS
       -\b--\b-s\bsp\bpe\bec\bc (structure)
          What to make.

          Name -> (string)
             Its name.

          AVeryLongMemberName     ->
          (structure)
             Deep.

             Size -> (long)

       JSON Syntax:

          {
            "Name": "string",
            "AVeryLongMemberName": {
              "Size": long
            }
          }

       --a-very-long-name-of-an-option  |  --no-a-very-long-name-of-an-option (bool-
       ean)
          Whether.

       --short (string) Text that is run into the header.

       --cli-input-json (string) Performs a service operation based on the  JSON
       string.

O\bOU\bUT\bTP\bPU\bUT\bT
       State -> (string)
          One of the following:

          +\bo ON - It runs.

          +\bo OFF - It does not.

       Things -> (list)
          (structure)
              Name -> (string)
                 Its name.

       Last -> (string)
          Text.
"""


def test_the_text_of_aws_help() -> None:
    page = parse_page(RENDERED, service="sqs", joined=False)
    assert [option.member for option in page.options] == [
        "Spec",
        "AVeryLongNameOfAnOption",
        "Short",
        None,
    ]
    assert members(at(page, "input.Spec")) == ["Name", "AVeryLongMemberName"]
    assert members(at(page, "input.Spec.AVeryLongMemberName")) == ["Size"]
    assert members(at(page, "output")) == ["State", "Things", "Last"]
    assert members(at(page, "output.Things[]")) == ["Name"]
    state = at(page, "output.State")
    assert isinstance(state, StringShape)
    assert state.enum == ("ON", "OFF")


def test_text_copied_out_of_the_html_page() -> None:
    text = (
        "[ aws . things ]\nmake-thing¶\nDescription¶\nSee also: AWS API Documentation\nSynopsis¶\n"
        "  make-thing\n--spec <value>\n\nOptions¶\n--spec (string)\n    What to make.\n\n"
        "Output¶\nThing -> (structure)\n    A thing.\n    Name -> (string)\n        Its name.\n"
    )
    page = read(text)
    assert (page.service.name, page.operation) == ("things", "MakeThing")
    assert members(at(page, "output.Thing")) == ["Name"]


def test_other_line_ends_and_a_byte_order_mark() -> None:
    text = write("--spec <value>", "``--spec`` (string)", "Name -> (string)")
    assert read("\ufeff" + text.replace("\n", "\r\n")).service == read(text).service


# Pages that cannot be read.


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        (write("--a <value>\nb c d"), "b c d", "expected an option such as"),
        (write("--a <value>\n[--b <value>"), "[--b", "expected an option such as"),
        (write("--a <value>", ""), "--a <value>", "expected the option --a below Options"),
        (
            write("--a <value>", "``--a`` (string)\n\n``--b`` (string)"),
            "``--b``",
            "expected an option that the Synopsis has, found --b",
        ),
        (
            write("--a <value>", "``--a`` (structure)\n\nJSON Syntax::\n\n  {\n    Name: string\n  }"),
            "Name: string",
            "expected a member's name in quotation marks",
        ),
        (
            write("--a <value>", '``--a`` (structure)\n\nJSON Syntax::\n\n  {\n    "Name": ~\n  }'),
            '"Name": ~',
            "expected JSON Syntax, found '~'",
        ),
        (
            write("--a <value>", '``--a`` (structure)\n\nJSON Syntax::\n\n  {\n    "Name": "string",\n'),
            '"Name": "string"',
            "in the JSON Syntax, found its end",
        ),
        (write(output="Name => (string), Other -> (odd)"), "Name =>", "expected `Name -> (type)` or `None`"),
        (
            write(output="A -> (structure)\n\n  B -> (string)\n\n  (string)"),
            "  (string)",
            "expected `Name -> (string)` in the structure of line",
        ),
        (
            write(output="A -> (structure)\n\n  ( ... recursive ... )"),
            "recursive",
            "expected a recursion that repeats a structure",
        ),
        (
            write(output="A -> (string)\n\nA -> (string)"),
            "",
            "expected each member once",
        ),
    ],
)
def test_an_unreadable_page_gives_its_line_and_what_was_expected(text: str, part: str, expected: str) -> None:
    with pytest.raises(PageError) as caught:
        read(text)
    error = caught.value
    assert expected in str(error)
    assert str(error).startswith(f"page.rst:{error.line}: ")
    assert "\n" not in str(error)
    assert error.exit_code == 2
    if part:
        assert part in text.split("\n")[error.line - 1]


@pytest.mark.parametrize("text", ["", "Not a page.\n", "========\nSynopsis\n========\n\n    x\n"])
def test_what_is_no_page_says_what_was_expected(text: str) -> None:
    with pytest.raises(PageError, match=r"page\.rst:\d+: expected a section headed (Synopsis|Options)"):
        read(text)


def test_a_page_that_names_no_service_asks_for_it() -> None:
    with pytest.raises(PageError, match=r"expected the service's name .* --service"):
        read(RENDERED)


# Generated pages.


@pytest.fixture(scope="session")
def awscli() -> str:
    python = os.environ.get(AWSCLI)
    if not python:
        pytest.skip(f"{AWSCLI} is not set: no awscli environment to generate pages from")
    return python


def test_generated_pages_agree_with_awsclis_own_models(awscli: str, tmp_path: Path) -> None:
    """The comparison of all services is `make pages`; this one takes a service of each protocol."""
    services = ["cognito-idp", "sqs", "sns", "lambda", "route53", "dynamodb", "s3api", "bedrock-runtime"]
    tools = ROOT / "tools"
    for command in (
        [sys.executable, str(tools / "make_pages.py"), awscli, str(tmp_path), *services],
        [sys.executable, str(tools / "compare_pages.py"), awscli, str(tmp_path)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_aspect_of_a_page_is_known_to_drift() -> None:
    page = parse_page(SEED.read_text("utf-8"))
    assert page.carries <= ASPECTS
    assert differences(ModelSource(page.service, page.carries), page.service) == ()
    assert read_page(SEED.read_text("utf-8"), "seed", None, ()).operation == page.operation
