"""Builders, package managers and clients of servers: the words with which they only tell something.

For each program the options that may stand before its verb, and its verbs (one word or two) with
theirs, in the form that ``shell.listed`` describes. A verb that is not here may write anywhere; an
option that is not here is asked. Held against the programs' own ``--help``, November 2026.
"""

from __future__ import annotations

from stickhooks.shell.listed import ANY, Listed, listed
from stickhooks.shell.words import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.shell.state import Call

    #: Options by verbs, or by the second words of a verb; ``""`` stands for none.
    Verbs = dict[str, str | dict[str, str]]

_PIP: Final = (
    "hvVqi:f:eloura debug isolated verbose version quiet no-input keyring-provider= proxy= retries= "
    "timeout= exists-action= trusted-host= cert= client-cert= no-cache-dir require-virtualenv help "
    "disable-pip-version-check no-color no-python-version-warning use-feature= use-deprecated= "
    "index-url= extra-index-url= no-index find-links= pre"
)
_PIP_LISTS: Final = (
    "- outdated uptodate editable local user path= format= not-required exclude-editable "
    "include-editable exclude= files requirement= all platform= python-version= implementation= "
    "abi= ignore-requires-python no-binary= only-binary= json"
)
_NPM: Final = (
    "#aglpsqdhrSDOEBw:L: all long json parseable depth= omit= include= prod production dev only= global "
    "link package-lock-only unicode workspace= workspaces include-workspace-root install-links "
    "silent quiet loglevel= registry= offline prefer-offline prefer-online color fund audit "
    "searchopts= searchexclude= searchlimit= description location= heading= progress "
    "update-notifier if-present legacy-peer-deps strict-peer-deps recursive filter= only-projects "
    "optional pattern= verbose no-optional lockfile-only version help "
    "prefix= userconfig= globalconfig= before= otp= tag= access="
)
_KUBECTL: Final = (
    "n:s:v:h as= as-group= as-uid= certificate-authority= client-certificate= client-key= cluster= "
    "context= disable-compression insecure-skip-tls-verify kubeconfig= match-server-version "
    "namespace= password= request-timeout= server= tls-server-name= token= user= username= v= "
    "vmodule= warnings-as-errors help log-flush-frequency="
)
_KUBECTL_GETS: Final = (
    "Af:k:L:o:Rl:wcp all-namespaces allow-missing-template-keys chunk-size= field-selector= "
    "filename= ignore-not-found kustomize= label-columns= no-headers output= output-watch-events "
    "raw= recursive selector= server-print show-kind show-labels show-managed-fields sort-by= "
    "subresource= template= watch watch-only show-events all-containers all-pods container= follow "
    "ignore-errors insecure-skip-tls-verify-backend limit-bytes= max-log-requests= "
    "pod-running-timeout= prefix previous since= since-time= tail= timestamps api-version= "
    "api-group= cached categories= namespaced verbs= client containers use-protocol-buffers sum "
    "show-capacity flatten minify merge revision= timeout= types= for= list quiet no-diff"
)
_DOCKER: Final = (
    "c:DH:l:hv context= debug host= log-level= tls tlscacert= tlscert= tlskey= tlsverify"
    " help version"
)
_DOCKER_LISTS: Final = (
    "af:n:lqstv all filter= format= last= latest no-trunc quiet size digests tree type= details "
    "follow since= tail= timestamps until= no-stream human verbose platform= limit= no-index "
    "services volumes profiles images hash= no-interpolate no-normalize no-path-resolution "
    "resolve-image-digests no-consistency environment variables status= orphans no-log-prefix no-color "
    "index= protocol= short dry-run"
)
_COMPOSE: Final = (
    "f:p:h file= project-name= project-directory= profile= env-file= ansi= progress= parallel= "
    "compatibility all-resources dry-run version help verbose"
)
_SYSTEMCTL: Final = (
    "alqnfoprtM:H:Pp:t:n:o:s:Tih all full type= state= failed user system global property= value "
    "lines= output= plain no-legend legend= quiet recursive reverse after before with-dependencies "
    "show-types no-pager no-ask-password no-wall timestamp= host= machine= version help "
    "show-transaction what= runtime"
)
_APT: Final = (
    "qafnhvi installed upgradable upgradeable all-versions manual-installed verbose quiet full "
    "names-only recurse important no-pre-depends no-depends no-recommends no-suggests no-conflicts "
    "no-breaks no-replaces no-enhances implicit no-all-names no-all-versions help version"
)
_GO: Final = (
    "- f= m json e deps find test u versions retracted compiled tags= v reuse= changed all c cmd "
    "short src http race msan asan trimpath"
)
_TERRAFORM: Final = (
    "- json no-color raw state= var= var-file= test-directory= no-tests query= help id="
    " module-depth="
)
_UV: Final = (
    "qvhnV short output-format= quiet verbose color= no-color no-progress offline no-cache no-config "
    "native-tls format= python= system strict exclude= exclude-editable editable outdated depth= "
    "prune= package= no-dedupe invert show-version-specifiers files all-versions only-installed "
    "only-downloads show-paths all-platforms all-arches help version"
)
_BREW: Final = (
    "1lrtvqdh formula formulae cask casks versions pinned full-name multiple json installed "
    "installed-on-request all github analytics days= category= desc name eval-all quiet verbose "
    "greedy fetch-HEAD tree include-build include-test direct help debug union for-each annotate"
)
_GH_OPTIONS: Final = (
    "#R:q:L:H:B:F:X:S:A:o:abcdfghijlmnprstuvwyCPU add-assignee= add-label= add-project= "
    "add-reviewer= add-topic= all allow-forking allow-update-branch app= approve archived assignee= "
    "attempt= author= author-date= author-email= author-name= base= body= body-file= branch= cache= "
    "checks= cleanup-tag clobber closed= color= comment commenter= comments commit committer= "
    "committer-date= committer-email= committer-name= conflict-status created= debug default "
    "default-branch= delete-branch-on-merge delete-last desc description= discussion-category= draft "
    "dry-run edit-last enable-auto-merge enable-discussions enable-issues enable-merge-commit "
    "enable-projects enable-rebase-merge enable-squash-merge enable-wiki env= env-file= event= "
    "exclude= exclude-drafts exclude-pre-releases exit-status extension= fail-fast fail-on-no-commits "
    "failed field= filename= files fill fill-first fill-verbose followers= force fork forks= format= "
    "generate-notes git-protocol= good-first-issues= hash= head= header= help help-wanted-issues= "
    "homepage= hostname= include include-forks= include-prs input= interactions= interval= involves= "
    "job= jq= json key= label= language= latest license= limit= locked log log-failed match= mention= "
    "mentions= merge merged merged-at= method= milestone= name= name-only no-archived no-assignee "
    "no-browser no-label no-maintainer-edit no-milestone no-project no-store no-project notes= "
    "notes-file= notes-from-tag notes-start-tag= number= number-topics= order= org= owner= paginate "
    "parent= parents patch path= prerelease preview= project= projects public raw raw-field= "
    "reactions= reason= ref= remove-assignee= remove-label= remove-milestone remove-project= "
    "remove-reviewer= remove-topic= repo= repos= request-changes required review= review-requested= "
    "reviewed-by= reviewer= scopes= search= secret settings show-token show-active active silent "
    "single size= slurp sort= source stars= state= status= tag= target= team-mentions= template title= "
    "topic= tree= undo updated= user value= verbose verify-tag visibility= watch web wiki with-token "
    "workflow= yaml yes predicate-type= bundle= signer-workflow= deny-self-hosted-runners "
    "cert-identity= query= single-select-options= data-type= limit-repos digest-alg= "
    "id= field-id= project-id= text= date= iteration-id= single-select-option-id= url= closed "
    "include-parents check insecure-storage skip-ssh-key secure-storage succeed-on-no-caches"
)
#: gh's own words that change nothing in the tree: they read, or talk to the server alone.
_GH: Final = {
    "pr": " create list status checks close comment diff edit lock ready reopen review unlock view ls new",
    "issue": " create list status close comment delete edit lock pin reopen transfer unlock unpin view ls "
    "new",
    "repo": " list archive unarchive delete deploy-key edit view ls gitignore license autolink",
    "release": " create list delete delete-asset edit upload view ls new verify verify-asset",
    "run": " cancel list rerun view watch delete ls",
    "workflow": " disable enable list run view ls",
    "gist": " create delete list view rename ls new",
    "auth": " login logout refresh status token switch",
    "search": " code commits issues prs repos",
    "label": " clone create delete edit list ls",
    "secret": " delete list set ls remove",
    "variable": " delete list set get ls remove",
    "cache": " delete list ls",
    "org": " list ls",
    "project": " close copy create delete edit field-create field-delete field-list item-add item-archive "
    "item-create item-delete item-edit item-list link list mark-template unlink view",
    "ruleset": " check list view ls",
    "attestation": " verify",
}
_DOCKER_VERBS: Final[Verbs] = {
    "ps images inspect logs version info stats search history diff events": _DOCKER_LISTS,
    "top port": ANY,
    "container": {"ls list ps inspect logs stats diff": _DOCKER_LISTS, "top port": ANY},
    "image volume network context system buildx builder plugin node service stack": {
        "ls list inspect show history df info events ps logs du": _DOCKER_LISTS,
    },
    "compose": {
        "": _COMPOSE, "ps logs config images ls port version stats volumes": _DOCKER_LISTS, "top": ANY,
    },
}  # fmt: skip
#: By program: options before the verb, and the verbs.
PROGRAMS: Final[dict[str, tuple[str, Verbs]]] = {
    "pip pip3": (_PIP, {
        "list show freeze check inspect debug help": _PIP_LISTS, "index": {"versions": _PIP_LISTS},
        "config": {"list get debug": "- global user site"}, "cache": {"dir list info": "- format="},
    }),
    "npm": (_NPM, {
        "ls list ll la view info show v outdated search find whoami ping help explain why": _NPM,
        "root prefix bin": _NPM, "config": {"get list ls": _NPM}, "get": _NPM, "pkg": {"get": _NPM},
    }),
    "pnpm": (_NPM, {"ls list ll la why outdated root bin help": _NPM}),
    "yarn": (_NPM, {"list why info outdated help": "R " + _NPM.partition(" ")[2]}),
    "cargo": ("vqVh verbose quiet color= list version help frozen locked offline", {
        "search version help": "- limit= index= registry=",
    }),
    "go": ("-", {"version list doc help": _GO, "env": "- json changed"}),
    "uv": (_UV, {"version help": _UV, "pip": {"list show freeze tree check": _UV},
                 "python": {"list find dir": _UV}, "tool": {"list dir": _UV}, "cache": {"dir": "-"}}),
    "poetry": ("qvnVh quiet verbose no-ansi ansi no-interaction version help", {
        "show": "tTloa tree latest outdated top-level all only= without= with= why format= no-dev",
        "about help list": "-", "version": "s short",
        "env": {"info list": "p path executable full-path"},
    }),
    "docker podman": (_DOCKER, _DOCKER_VERBS),
    "docker-compose": (_COMPOSE, {"ps logs config images ls port version": _DOCKER_LISTS, "top": ANY}),
    "kubectl oc": (_KUBECTL, {
        "get describe logs version explain api-resources api-versions cluster-info events":
            _KUBECTL_GETS,
        "top": {"pods pod po nodes node no": _KUBECTL_GETS},
        "config": {"view get-contexts current-context get-clusters get-users": _KUBECTL_GETS},
        "auth": {"can-i whoami": _KUBECTL_GETS}, "rollout": {"status history": _KUBECTL_GETS},
    }),
    "terraform tofu": ("-", {
        "version show validate output providers": _TERRAFORM, "state": {"list show": _TERRAFORM},
        "workspace": {"list show": _TERRAFORM},
    }),
    "brew": (_BREW, {"list ls info abv search help desc deps uses leaves outdated config": _BREW}),
    "apt": (_APT, {"list show search policy help depends rdepends": _APT}),
    "apt-cache": (_APT, {
        "show search policy depends rdepends madison showpkg pkgnames stats": _APT,
    }),
    "apt-mark": (_APT, {"showauto showmanual showhold": _APT}),
    "systemctl": (_SYSTEMCTL, {
        "status list-units list-unit-files list-timers list-sockets list-dependencies list-jobs "
        "is-active is-enabled is-failed is-system-running show cat get-default show-environment help":
            _SYSTEMCTL,
    }),
    "rustup": ("vqVh verbose quiet version help", {
        "show": "v verbose", "which": "- toolchain=", "help": "-",
        "toolchain target component": {"list": "vq verbose installed quiet toolchain="},
    }),
    "nvm": ("-", {"ls list current version which ls-remote help": "- no-colors no-alias lts"}),
    "pyenv": ("-", {"versions version which root prefix": "- bare skip-aliases nosystem"}),
    "gh": ("- version help", {
        **{noun: dict.fromkeys([" ".join(verbs.split()), ""], _GH_OPTIONS) for noun, verbs in _GH.items()},
        "api status help version": _GH_OPTIONS,
    }),
}  # fmt: skip
#: These tell something alone; with another word they change it: `uv version 2.0`.
_ALONE: Final = (
    "uv version",
    "poetry version",
    "npm root",
    "npm prefix",
    "npm bin",
    "pnpm root",
    "pnpm bin",
)
#: Their long options have one dash.
_ONE_DASH: Final = ("go", "terraform", "tofu")
#: Options that write with one verb, though others have the same letter.
_WRITING: Final = {
    "gh pr close": "d delete-branch", "gh pr comment": "e editor", "gh issue comment": "e editor",
    "kubectl cluster-info": "output-directory",
}  # fmt: skip


def judged(call: Call) -> bool:
    """Judge a program by its verb; False where no verb that is listed stands there."""
    found = _program(call.name)
    if found is None:
        return False
    before, verbs = found
    words = call.words
    if call.name in _ONE_DASH:
        words = ["-" + word if word[:1] == "-" != word[1:2] else word for word in words]
    given = listed(words, before, permute=False)
    if given.odd:
        return False
    spec, verb, rest = _verb(given.operands, verbs, before)
    if spec is None:
        return False
    _options(call, verb, spec, rest)
    return True


def _program(name: str) -> tuple[str, Verbs] | None:
    return next((found for names, found in PROGRAMS.items() if name in names.split()), None)


def _verb(words: list[str], verbs: Verbs, before: str) -> tuple[str | None, str, list[str]]:
    """Return the list of options of the verb that stands there, the verb, and what follows it."""
    found = _named(verbs, words[0]) if words else None
    if found is None or isinstance(found, str):
        return found if found == ANY or not found else both(before, found), *_cut(words, 1)
    between = both(before, found.get("", "-"))
    inner = listed(words[1:], between, permute=False).operands
    spec = _named(found, inner[0] if inner else "")
    if spec is None or listed(words[1:], between, permute=False).odd:
        return None, "", []
    verb, rest = _cut(inner, 1)
    return spec if spec == ANY else both(between, str(spec)), f"{words[0]} {verb}", rest


def _cut(words: list[str], count: int) -> tuple[str, list[str]]:
    return " ".join(words[:count]), words[count:]


def _named(verbs: dict[str, str | dict[str, str]] | dict[str, str], word: str):  # type: ignore[no-untyped-def]
    return next(
        (spec for names, spec in verbs.items() if word in (names.split() or [""])), None
    )  # fmt: skip


def both(one: str, other: str) -> str:
    """Return the list of all options of two."""
    first, second = one.partition(" "), other.partition(" ")
    letters = (first[0] + second[0]).replace("-", "")
    return f"{letters or '-'} {first[2]} {second[2]}"


def _options(call: Call, verb: str, spec: str, words: list[str]) -> None:
    what = f"{call.name} {verb}"
    if spec == ANY:
        return
    given: Listed = listed(words, spec)
    odd = given.odd
    if what in _ALONE and given.operands:
        odd = odd or given.operands[0]
    if what in _WRITING and given.has(_WRITING[what]):
        odd = odd or _WRITING[what]
    if verb == "cluster-info" and "dump" in given.operands:
        odd = odd or "dump"
    if odd:
        call.nobody_knows(f"{plain(what)} may write or run something: {plain(odd)}")
