"""Prints the repositories of GitHub organisations, one "name<TAB>clone URL" a line. Arguments: the organisations.

Reads GITHUB_API_URL and GITHUB_TOKEN. A name that two organisations use is prefixed with the organisation's from the second on.
"""

import datetime
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

# The control plane's rule of a generator's name; it also keeps names from leaving the folder.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# It ends up as an argument of git and as a field of a line.
URL = re.compile(r"[a-z]+://[^\s\x00-\x1f]+")
NEXT_PAGE = re.compile(r'<([^>]+)>\s*;[^,]*\brel="next"')


def main(organisations: list) -> int:
    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    token = os.environ.get("GITHUB_TOKEN", "")
    found = {}
    try:
        for organisation in organisations:
            for repository in repositories(api.rstrip("/"), organisation, token):
                add(found, organisation, repository["name"], repository["clone_url"])
    except ListingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name in sorted(found):
        print(f"{name}\t{found[name]}")
    return 0


def add(found: dict, organisation: str, name: str, url: str) -> None:
    if not NAME.fullmatch(name):
        print(f"skipped  {organisation}/{name}: its name is not a generator's name", file=sys.stderr)
    elif not URL.fullmatch(url):
        raise ListingError(f"the clone URL of {organisation}/{name} is {url!r}; allowed: scheme://address without spaces")
    elif name not in found:
        found[name] = url
    else:
        print(f"note: {name} is in more than one organisation; {organisation}'s goes to {organisation}.{name}", file=sys.stderr)
        found[f"{organisation}.{name}"] = url


def repositories(api: str, organisation: str, token: str):
    url = f"{api}/orgs/{organisation}/repos?type=public&per_page=100"
    while url:
        page, link = read_page(url, organisation, token)
        yield from page
        following = NEXT_PAGE.search(link)
        url = urllib.parse.urljoin(url, following[1]) if following else None
        if url and origin(url) != origin(api):
            # The token is for the API alone.
            raise ListingError(f"{api} sends on to {url}, which is another server")


def read_page(url: str, organisation: str, token: str) -> tuple:
    headers = {"Accept": "application/vnd.github+json", "User-Agent": "vm-dataset-pipeline"}
    request = urllib.request.Request(url, headers=headers)
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            page = json.load(response)
            link = response.headers.get("Link", "")
    except urllib.error.HTTPError as error:
        raise ListingError(explain(error, organisation, bool(token))) from error
    except (OSError, ValueError) as error:
        raise ListingError(f"{url} cannot be read: {getattr(error, 'reason', error)}") from error
    if not isinstance(page, list) or not all(is_repository(entry) for entry in page):
        raise ListingError(f"{url} did not answer with a list of repositories; GITHUB_API_URL must be the address of a GitHub REST API")
    return page, link


def is_repository(entry) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("name"), str) and isinstance(entry.get("clone_url"), str)


def explain(error: urllib.error.HTTPError, organisation: str, has_token: bool) -> str:
    if error.code == 404:
        return f"GitHub knows no organisation '{organisation}' (404 for {error.url})"
    if error.code == 401:
        return "GitHub does not accept the token in GITHUB_TOKEN (401); correct it, or unset it: the repositories are public"
    wait = error.headers.get("Retry-After", "")
    if error.code == 429 or (error.code == 403 and (wait or error.headers.get("X-RateLimit-Remaining") == "0")):
        advice = "" if has_token else " Without a token GitHub allows 60 requests an hour from one address; set GITHUB_TOKEN for more."
        return f"GitHub's rate limit is used up ({error.code}); try again {when(error.headers.get('X-RateLimit-Reset', ''), wait)}.{advice}"
    return f"GitHub answered {error.code} for {error.url}: {error.read(500).decode(errors='replace')}"


def when(reset: str, wait: str) -> str:
    if wait.isdigit():
        return f"in {wait} s"
    if reset.isdigit():
        return f"after {datetime.datetime.fromtimestamp(int(reset), datetime.timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    return "later"


def origin(url: str) -> tuple:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


class ListingError(Exception):
    pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
