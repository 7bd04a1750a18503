"""A model on loopback that says what it was told to: the tools to call, one after the other.

It speaks the four forms that coding clients ask in, as far as these runs need them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Call = tuple[str, Any]  # a tool and its arguments; a patch is bare text
Wire = dict[str, Any]
USAGE: Wire = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


class _Server(ThreadingHTTPServer):
    """One that says nothing of clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class ScriptedModel:
    """Answers on ``url``; ``results`` are what the client made of each call, as the model sees it."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self.calls = list(calls)
        self.results: list[str] = []
        self.heard = ""  # what it was asked last, as JSON
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                _send(self, "application/json", json.dumps({"data": [{"id": "scripted"}]}))

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                try:
                    asked = json.loads(self.rfile.read(length))
                except ValueError:
                    asked = {}
                model.heard = json.dumps(asked, ensure_ascii=False)
                form = next((f for mark, f in _FORMS.items() if mark in self.path), None)
                if form is None:
                    _send(self, "application/json", "{}")
                else:
                    _send(self, "text/event-stream", form(model, asked))

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def next_call(self, results: list[Any], tools: object) -> Call | None:
        """Keep what came of the calls so far; return the next one, None where all are done.

        Questions without tools are a client's own: for a title, for a summary.
        """
        if len(results) > len(self.results):
            self.results = [json.dumps(result, ensure_ascii=False) for result in results]
        return self.calls[len(results)] if tools and len(results) < len(self.calls) else None


def _send(handler: BaseHTTPRequestHandler, kind: str, text: str) -> None:
    body = text.encode()
    handler.send_response(200)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _event(kind: str, **body: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **body})}\n\n"


def _messages(model: ScriptedModel, asked: Wire) -> str:
    """Anthropic's form."""
    blocks = [
        block
        for message in asked.get("messages", [])
        if isinstance(message.get("content"), list)
        for block in message["content"]
    ]
    results = [block.get("content") for block in blocks if block.get("type") == "tool_result"]
    call = model.next_call(results, asked.get("tools"))
    block: Wire = {"type": "text", "text": ""}
    delta: Wire = {"type": "text_delta", "text": "done"}
    if call:
        block = {"type": "tool_use", "id": f"toolu_{len(results)}", "name": call[0], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
    message: Wire = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "scripted", "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    stop = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    return (
        _event("message_start", message=message)
        + _event("content_block_start", index=0, content_block=block)
        + _event("content_block_delta", index=0, delta=delta)
        + _event("content_block_stop", index=0)
        + _event("message_delta", delta=stop, usage={"output_tokens": 1})
        + _event("message_stop")
    )


def _contents(model: ScriptedModel, asked: Wire) -> str:
    """Google's form."""
    parts = [part for content in asked.get("contents", []) for part in content.get("parts", [])]
    results = [p["functionResponse"].get("response") for p in parts if "functionResponse" in p]
    call = model.next_call(results, asked.get("tools"))
    part: Wire = {"text": "done"}
    if call:
        part = {"functionCall": {"name": call[0], "args": call[1]}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    return f"data: {json.dumps({'candidates': [candidate]})}\r\n\r\n"


def _responses(model: ScriptedModel, asked: Wire) -> str:
    """OpenAI's newer form."""
    given = [item for item in asked.get("input", []) if isinstance(item, dict)]
    results = [i.get("output") for i in given if str(i.get("type")).endswith("call_output")]
    call = model.next_call(results, asked.get("tools"))
    text = {"type": "output_text", "text": "done", "annotations": []}
    item: Wire = {"type": "message", "role": "assistant", "content": [text]}
    if call and isinstance(call[1], str):
        item = {"type": "custom_tool_call", "name": call[0], "input": call[1]}
    elif call:
        server, _, tool = call[0].rpartition("__")  # Codex keeps a server's tools apart
        names = {"namespace": server, "name": tool} if server else {"name": tool}
        item = {"type": "function_call", **names, "arguments": json.dumps(call[1])}
    item |= {"id": "item_1", "call_id": f"call_{len(results)}", "status": "completed"}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    response = {"id": "resp_1", "object": "response", "status": "completed", "usage": usage}
    return (
        _event("response.created", response={**response, "output": []})
        + _event("response.output_item.done", output_index=0, item=item)
        + _event("response.completed", response={**response, "output": [item]})
    )


def _completions(model: ScriptedModel, asked: Wire) -> str:
    """OpenAI's older form."""
    messages = asked.get("messages", [])
    results = [m.get("content") for m in messages if m.get("role") == "tool"]
    call = model.next_call(results, asked.get("tools"))
    delta: Wire = {"role": "assistant", "content": "done"}
    if call:
        function = {"name": call[0], "arguments": json.dumps(call[1])}
        called = {
            "index": 0,
            "id": f"call_{len(results)}",
            "type": "function",
            "function": function,
        }
        delta = {"role": "assistant", "content": None, "tool_calls": [called]}
    ending = "tool_calls" if call else "stop"
    base: Wire = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    chunks = [
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": ending}], "usage": USAGE},
    ]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


_FORMS = {
    "/chat/completions": _completions,
    "/responses": _responses,
    "enerateContent": _contents,
    "/messages": _messages,
}
