#!/usr/bin/env python3
"""Runs every case of this folder; ctest calls it. Arguments are those of unittest: run.py -v -k storm

Environment: SOTTO_INTEROP_PEER and SOTTO_INTEROP_LIBCRYPTO name the built program and library. Where GTEST_OUTPUT asks
GoogleTest programs for a report (json:FOLDER/), one of the same form is written for tools/count_tests.py.
"""

import json
import os
import pathlib
import sys
import unittest

SUITES = ("kat_test", "prekeys_test", "exchange_test", "tamper_test", "pq_test", "repair_test")


class Cases(unittest.TextTestResult):
    """Remembers every case that ran."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.ran = []

    def startTest(self, test):  # noqa: N802 (unittest's name)
        super().startTest(test)
        self.ran.append(test)


def report(result):
    """What ran, in the form of GoogleTest's JSON reports."""
    failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    suites = {}
    for test in result.ran:
        case = {"name": test.id().rpartition(".")[2], "status": "RUN", "result": "COMPLETED"}
        if test.id() in failed:
            case["failures"] = [{"failure": "see the output of the test"}]
        suites.setdefault(test.__class__.__name__, []).append(case)
    return {"testsuites": [{"name": f"Interop{name}", "testsuite": cases} for name, cases in suites.items()]}


def main():
    program = unittest.main(module=None, argv=[sys.argv[0], *(sys.argv[1:] or SUITES)], exit=False,
                            testRunner=unittest.TextTestRunner(resultclass=Cases, verbosity=2))
    kind, _, folder = os.environ.get("GTEST_OUTPUT", "").partition(":")
    if kind == "json":
        file = pathlib.Path(folder) / "interop.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(report(program.result)))
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
