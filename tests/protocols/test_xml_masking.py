# SPDX-License-Identifier: Apache-2.0
"""Secrets in XML and in forms: sensitive values are replaced, every other character stays."""

from __future__ import annotations

import pytest

from aws_conformance.protocols import codec_for
from aws_conformance.protocols.masking import fixed, mask_body, mask_repeated, of_same_form, secrets_in
from aws_conformance.protocols.record import Masking
from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.shapes import Service

SERVICE = parse_service(
    "mini",
    {
        "metadata": {"protocol": "query", "apiVersion": "2020-01-01"},
        "operations": {
            "Do": {
                "name": "Do",
                "http": {"method": "POST", "requestUri": "/"},
                "input": {"shape": "Data"},
                "output": {"shape": "Data"},
            }
        },
        "shapes": {
            "Data": {
                "type": "structure",
                "members": {
                    "Name": {"shape": "Text"},
                    "Password": {"shape": "Secret", "locationName": "pass"},
                    "Keys": {"shape": "Keys"},
                    "Flat": {"shape": "Keys", "flattened": True, "locationName": "Key"},
                    "Box": {"shape": "Box"},
                    "Map": {"shape": "Map"},
                    "Plain": {"shape": "Plain"},
                },
            },
            "Plain": {"type": "structure", "members": {"pass": {"shape": "Text"}}},
            "Box": {"type": "structure", "sensitive": True, "members": {"Inner": {"shape": "Text"}}},
            "Keys": {"type": "list", "member": {"shape": "Secret"}},
            "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Secret"}},
            "Text": {"type": "string"},
            "Secret": {"type": "string", "sensitive": True},
        },
    },
)


def masking(service: Service = SERVICE, protocol: str = "query") -> Masking:
    record = codec_for(service, protocol).masking
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ("<R><pass>abcdef</pass><Name>n</Name></R>", "<R><pass>***</pass><Name>n</Name></R>"),
        ('<R  a="b" ><pass\n>é&amp;x</pass ></R>', '<R  a="b" ><pass\n>***</pass ></R>'),
        ("<R><Name>é中</Name><pass><![CDATA[a<b]]></pass></R>", "<R><Name>é中</Name><pass>***</pass></R>"),
        (
            "<DoResponse><DoResult><pass>abcdef</pass></DoResult></DoResponse>",
            "<DoResponse><DoResult><pass>***</pass></DoResult></DoResponse>",
        ),
        ("<R><Keys><member>k</member></Keys></R>", "<R><Keys><member>***</member></Keys></R>"),
        ("<R><Key>k</Key><Key>l</Key></R>", "<R><Key>***</Key><Key>***</Key></R>"),
        ("<R><Box><Inner>i</Inner></Box></R>", "<R><Box><Inner>***</Inner></Box></R>"),
        (
            "<R><Map><entry><key>k</key><value>v</value></entry></Map></R>",
            "<R><Map><entry><key>k</key><value>***</value></entry></Map></R>",
        ),
        # The same name where the model says that it is none.
        ("<R><Plain><pass>open</pass></Plain></R>", "<R><Plain><pass>open</pass></Plain></R>"),
        # What is no XML is told by names.
        ("<R><pass>abcdef</pass><Name>n", "<R><pass>***</pass><Name>n"),
        ("Action=Do&pass=a%20b&Name=n", "Action=Do&pass=***&Name=n"),
        ("Keys.member.1=k&Box.Inner=i&Name=n", "Keys.member.1=***&Box.Inner=***&Name=n"),
        ("Name=n&Other=o", "Name=n&Other=o"),
    ],
)
def test_only_what_is_sensitive_is_replaced(body: str, masked: str) -> None:
    assert mask_body(masking(), SERVICE, "Data", body, fixed) == masked


def test_a_replacement_of_the_same_form_is_as_long_as_the_text() -> None:
    body = "<R><pass>a&amp;b</pass></R>"
    assert mask_body(masking(), SERVICE, "Data", body, of_same_form) == "<R><pass>xxx</pass></R>"


def test_secrets_are_known_again() -> None:
    body = b"<R><pass>se&amp;cret</pass><Name>secret-name</Name></R>"
    assert secrets_in(masking(), SERVICE, "Data", body) == ("se&cret",)
    assert secrets_in(masking(), SERVICE, "Data", b"pass=se%26cret&Name=n") == ("se&cret",)
    again = mask_repeated(masking(), SERVICE, "<R><Name>a se&amp;cret</Name></R>", ["se&cret"])
    assert again == "<R><Name>a xxxxxxx</Name></R>"
    for form in ("se%20%26cret", "se+%26cret"):
        again = mask_repeated(masking(), SERVICE, f"Name=a.{form}.b&Other=o", ["se &cret"])
        assert again == "Name=a.xxxxxxxx.b&Other=o"


def test_the_secret_key_of_a_new_user_is_masked() -> None:
    service = load_service("iam")
    body = (
        "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>u</UserName>"
        "<SecretAccessKey>wJalrXUtnFEMI</SecretAccessKey></AccessKey></CreateAccessKeyResult>"
        "</CreateAccessKeyResponse>"
    )
    output = service.operations["CreateAccessKey"].output
    masked = mask_body(masking(service), service, output, body, fixed)
    assert masked == body.replace("wJalrXUtnFEMI", "***")
