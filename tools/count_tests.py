#!/usr/bin/env python3
"""Sums the test cases that ./check or another suite ran and prints its closing line.

Usage: tools/count_tests.py SUITE RESULTS_DIR [FAILED_STEP...]
A program with a GoogleTest report counts by its cases (RESULTS_DIR/PRESET/*.json), any other ctest entry (RESULTS_DIR/PRESET.xml) as
one, each step that passed by itself (RESULTS_DIR/*.json) as one. Exit status 1 when anything failed or nothing ran.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as xml


def count_gtest(file):
    """(passed, failed, skipped) and the names of what failed and what was skipped, of one GoogleTest report."""
    failed, skipped, total = [], [], 0
    for suite in json.loads(file.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            name = f"{suite['name']}.{case['name']}"
            if case.get("result") == "SKIPPED":
                skipped.append(name)
            elif case.get("failures"):
                failed.append(name)
            if case.get("status") == "RUN":
                total += 1
    return total - len(failed) - len(skipped), failed, skipped


def main():
    suite, results = sys.argv[1], pathlib.Path(sys.argv[2])
    failed_steps = sys.argv[3:]
    passed, failed, skipped = 0, [], []
    for report in sorted(results.glob("*.xml")):
        cases_of = {f.stem: f for f in (results / report.stem).glob("*.json")}
        for case in xml.parse(report).getroot().iter("testcase"):
            name, status = case.get("name"), case.get("status")
            if name in cases_of:
                counted = count_gtest(cases_of[name])
                passed += counted[0]
                failed += counted[1]
                skipped += counted[2]
                if status == "fail" and not counted[1]:
                    failed.append(f"{report.stem}: {name} (ended abnormally)")
            elif status == "run":
                passed += 1
            elif status in ("notrun", "disabled") or case.find("skipped") is not None:
                skipped.append(name)
            else:
                failed.append(f"{report.stem}: {name}")
    passed += len(list(results.glob("*.json")))
    failed += [step for step in failed_steps if not failed]
    for name in skipped:
        print(f"skipped: {name}")
    for name in failed:
        print(f"FAILED: {name}")
    print(f"{suite}: {passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or failed_steps or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
