"""A client of the IspHost API in the standard library of Python 3.9 or later: no package has to be installed.

It does what every program that talks to an API over a network must do: it goes through lists page by page, repeats what was not
answered without doing it twice, keeps to the pace that the server asks for, and changes nothing that somebody else has changed.
"""

import email.utils
import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Refused(Exception):
    """The server understood the request and refused it (RFC 9457)."""

    def __init__(self, status, problem):
        self.status = status
        self.type = problem.get("type", "about:blank")  # programs go by this
        self.errors = problem.get("errors", {})          # what each field must be, by its path
        self.trace_id = problem.get("trace_id")          # by which the server's log knows the request
        super().__init__(problem.get("detail") or problem.get("title") or f"status {status}")


class Answer:
    """The body, decoded if it is JSON, and the headers that a program needs."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.etag = status, headers, headers.get("ETag")
        is_json = "json" in (headers.get("Content-Type") or "")
        self.body = json.loads(body) if is_json and body else body


class Client:
    """Requests with one key.

    address     such as http://127.0.0.1:8080
    key         isp_...
    tenant      the code of the tenant: needed with a key of the operator alone
    version     the version of the API that this program was written for; without one it is the key's
    attempts    how often a request is sent that gets no answer, or is told to come back later
    """

    # 409 stands for a request that an attempt of before is still working on: after a crash of the server that lasts for a minute.
    REPEATED = (429, 502, 503, 504)
    REPEATED_TYPES = ("/problems/request-in-progress",)

    def __init__(self, address, key, tenant=None, version=None, attempts=5, timeout=30):
        self.address, self.attempts, self.timeout = address.rstrip("/"), attempts, timeout
        self.headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        if tenant:
            self.headers["Tenant"] = tenant
        if version:
            self.headers["Api-Version"] = version
        self.known = {}  # what was read, by address, with its tag

    def get(self, path, **query):
        """What is there. If it has not changed since it was read, the server sends nothing, and what was read is given again."""
        path = self._with(path, query)
        known = self.known.get(path)
        answer = self._send("GET", path, None, {"If-None-Match": known.etag} if known else {})
        if answer.status == 304:
            return known.body
        if answer.etag:
            self.known[path] = answer
        return answer.body

    def items(self, path, **query):
        """All items of a list, page by page, while they are asked for."""
        cursor = None
        while True:
            page = self._send("GET", self._with(path, {**query, "cursor": cursor}), None, {}).body
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return

    def post(self, path, body=None, wait=None):
        """Makes or does something, once, however often the request has to be sent. `wait` is for how many seconds long work may be waited for."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        return self._send("POST", path, {} if body is None else body, headers).body

    def put(self, path, body):
        """Puts this in the place of what is there."""
        return self._send("PUT", path, body, {}).body

    def patch(self, path, changes):
        """Changes the fields that are given. If somebody has changed the thing since it was read, it is read again and the change repeated."""
        for _ in range(self.attempts):
            seen = self._send("GET", path, None, {})
            try:
                return self._send("PATCH", path, changes, {"If-Match": seen.etag}).body
            except Refused as refusal:
                if refusal.type != "/problems/precondition-failed":
                    raise
        raise RuntimeError(f"{path} is changed by others all the time")

    def delete(self, path):
        return self._send("DELETE", path, None, {}).body

    @staticmethod
    def _with(path, query):
        given = {name: value for name, value in query.items() if value is not None}
        return f"{path}?{urllib.parse.urlencode(given)}" if given else path

    def _send(self, method, path, body, headers):
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, **headers}
        if data is not None:
            headers["Content-Type"] = "application/json"
        for attempt in range(1, self.attempts + 1):
            request = urllib.request.Request(f"{self.address}/api/v1/{path}", data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as response:
                    return Answer(response.status, response.headers, response.read())
            except urllib.error.HTTPError as error:  # an answer all the same
                with error:
                    answer = Answer(error.code, error.headers, error.read())
                if answer.status == 304:
                    return answer
                problem = answer.body if isinstance(answer.body, dict) else {}
                is_repeated = answer.status in self.REPEATED or problem.get("type") in self.REPEATED_TYPES
                if not is_repeated or attempt == self.attempts:
                    raise Refused(answer.status, problem) from None
                time.sleep(self._pause(answer.headers.get("Retry-After"), attempt))
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError):
                if attempt == self.attempts:
                    raise
                time.sleep(self._pause(None, attempt))

    @staticmethod
    def _pause(retry_after, attempt):
        if retry_after and retry_after.isdigit():
            return int(retry_after)
        if retry_after:
            return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
        return random.uniform(0.5, 1.0) * min(30, 2 ** (attempt - 1))
