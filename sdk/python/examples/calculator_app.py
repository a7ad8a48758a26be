#!/usr/bin/env python3
"""Answers "/calc 2*(3+4)". SOTTO_APP_TOKEN is what `sotto app add calc` printed, SOTTO_PORT the agent's port."""

import ast
import operator
import os

import sotto

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
             ast.USub: operator.neg}


def value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](value(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](value(node.left), value(node.right))
    raise ValueError(node)


def main() -> None:
    app = sotto.App(os.environ["SOTTO_APP_TOKEN"], int(os.environ.get("SOTTO_PORT", "7480")))
    print(f"{app.about()['name']} listens", flush=True)
    for message in app.messages():
        try:
            answer = f"{value(ast.parse(message.get('text', ''), mode='eval').body):g}"
        except (ValueError, SyntaxError, ArithmeticError, RecursionError, MemoryError):
            answer = "I can add, subtract, multiply and divide."
        app.answer(message_id=message["message_id"], text=answer)


if __name__ == "__main__":
    main()
