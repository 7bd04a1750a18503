"""What the options of git's reading verbs may be, in the form that ``shell.listed`` describes.

Git takes any clear beginning of a long option. ``--output`` is known to every verb that makes
patches, also where it is no help text: ``git stash list -p --output=F`` writes F.
"""

from __future__ import annotations

from stickhooks.shell.listed import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_PATCHES: Final = (
    "output> ext-diff! no-ext-diff textconv patch no-patch unified= raw patch-with-raw "
    "patch-with-stat stat numstat shortstat dirstat cumulative dirstat-by-file summary name-only "
    "name-status submodule color color-words color-moved color-moved-ws= word-diff "
    "word-diff-regex= no-renames rename-empty check ws-error-highlight= full-index binary abbrev "
    "break-rewrites find-renames find-copies find-copies-harder irreversible-delete diff-filter= "
    "pickaxe-all pickaxe-regex relative text ignore-cr-at-eol ignore-space-at-eol "
    "ignore-space-change ignore-all-space ignore-blank-lines ignore-matching-lines= "
    "inter-hunk-context= function-context exit-code quiet ignore-submodules src-prefix= "
    "dst-prefix= prefix default-prefix commit-id line-prefix= ita-invisible-in-index "
    "ita-visible-in-index minimal "
    "patience histogram diff-algorithm= anchored= indent-heuristic compact-summary stat-width= "
    "stat-name-width= stat-graph-width= stat-count= output-indicator-new= output-indicator-old= "
    "output-indicator-context= rotate-to= skip-to= find-object= combined-all-paths cc "
    "diff-merges= remerge-diff dd cached staged merge-base no-index base ours theirs "
)
_HISTORY: Final = (
    "oneline graph all branches tags remotes glob= exclude= exclude-hidden= format= pretty date= "
    "relative-date since= since-as-filter= after= until= before= max-count= skip= author= "
    "committer= grep= grep-reflog= all-match invert-grep regexp-ignore-case basic-regexp "
    "extended-regexp fixed-strings perl-regexp remove-empty merges no-merges min-parents= "
    "max-parents= no-min-parents no-max-parents first-parent exclude-first-parent-only not reflog "
    "walk-reflogs merge boundary simplify-by-decoration show-pulls full-history dense sparse "
    "simplify-merges ancestry-path bisect topo-order date-order author-date-order reverse "
    "objects objects-edge unpacked no-walk do-walk abbrev-commit encoding= expand-tabs "
    "notes show-notes standard-notes show-signature parents children left-right left-only "
    "right-only cherry cherry-mark cherry-pick show-linear-break decorate decorate-refs= "
    "decorate-refs-exclude= clear-decorations source mailmap use-mailmap log-size follow "
    "full-diff stdin ignore-missing root verify numbered email group= committer count timestamp "
    "header disk-usage in-commit-order filter= filter-print-omitted missing= object-names "
    "use-bitmap-index progress bisect-all bisect-vars max-age= min-age= maximal-only alternate-refs "
    "reflog indexed-objects single-worktree creation-factor= dual-color left-right interdiff= "
    "range-diff= paginate help "
)
LOG: Final = "#abB?cC?D?eEfFgG:hiI:l:L:mM?n:O:pPqrRsS:tuU:vwW?X?z " + _PATCHES + _HISTORY
_MAILED: Final = (
    "stdout output-directory= subject-prefix= rfc reroll-count= in-reply-to= to= cc= from base= "
    "start-number= suffix= signature= signature-file= cover-letter cover-from-description= "
    "attach inline thread signoff keep-subject numbered no-numbered numbered-files zero-commit "
    "add-header= always encode-email-headers force-in-body-from filename-max-length= no-binary "
    "ignore-if-in-upstream no-stat description-file= "
)
_TALK: Final = "upload-pack! receive-pack! exec! quiet verbose progress ipv4 ipv6 server-option= "
_REFS: Final = (
    "sort= format= contains= no-contains= merged no-merged points-at= ignore-case color column "
    "omit-empty "
)
_PLAIN: Final = """
ls-files ls-tree rev-parse describe merge-base name-rev for-each-ref show-ref
show-branch var version count-objects check-ignore check-attr check-mailmap
check-ref-format cherry verify-commit verify-tag verify-pack patch-id stripspace column
get-tar-commit-id hash-object commit-tree mktag mktree write-tree merge-tree gc pack-refs
repack prune-packed commit-graph multi-pack-index update-server-info
"""
#: By the verb. Of those with any option, none has one that writes a file or runs a program.
OPTIONS: Final = {
    **dict.fromkeys(
        ("log", "show", "diff", "whatchanged", "diff-tree", "diff-files", "diff-index",
         "range-diff", "rev-list", "shortlog"), LOG,
    ),
    **dict.fromkeys(
        _PLAIN.split(), ANY,
    ),
    "status": "#sbvu?zM?h short branch show-stash porcelain long verbose untracked-files "
    "ignored ignore-submodules null column ahead-behind renames find-renames no-renames",
    **dict.fromkeys(
        ("blame", "annotate"),
        "#abB?ceflL:npstS:wM?C?hF incremental root show-stats progress score-debug show-name "
        "show-number porcelain line-porcelain show-email ignore-rev= ignore-revs-file= "
        "color-lines color-by-age minimal contents= abbrev date= encoding= first-parent reverse "
        "since= until= textconv no-textconv diff-algorithm= ",
    ),
    "grep": "#A:B:C:EFGHILPWac:e:f:hilm:nopqrvwz cached no-index untracked exclude-standard "
    "recurse-submodules invert-match ignore-case word-regexp text max-depth= recursive "
    "extended-regexp basic-regexp fixed-strings perl-regexp line-number column full-name "
    "files-with-matches name-only files-without-match null only-matching count color break "
    "heading context= before-context= after-context= threads= show-function function-context "
    "and or not all-match quiet max-count= no-textconv no-ext-grep ext-grep "
    "open-files-in-pager! textconv!".replace("c:", "c"),
    "cat-file": "epstzh batch batch-check batch-command batch-all-objects buffer follow-symlinks "
    "unordered allow-unknown-type mailmap use-mailmap path= filter= textconv! filters!",
    "ls-remote": "hqto: heads tags branches refs exit-code get-url sort= symref " + _TALK,
    "help": "agchv all guides config no-verbose verbose man developer-interfaces user-interfaces "
    "no-external-commands no-aliases",
    "fsck": "h tags root unreachable cache reflogs full connectivity-only strict verbose progress "
    "dangling name-objects references",
    "request-pull": "p",
    "fetch": "#46afj:kmno:pPqtvh all append atomic auto-gc auto-maintenance deepen= depth= dry-run "
    "filter= force jobs= keep multiple negotiate-only negotiation-tip= prefetch prune prune-tags "
    "recurse-submodules refetch refmap= set-upstream shallow-exclude= shallow-since= "
    "show-forced-updates stdin tags unshallow write-commit-graph write-fetch-head porcelain "
    "recurse-submodules-default= submodule-prefix= " + _TALK,
    "push": "#46dfno:quvh all branches atomic delete dry-run follow-tags force force-if-includes "
    "force-with-lease mirror porcelain prune push-option= recurse-submodules repo= set-upstream "
    "signed tags thin verify no-verify " + _TALK,
    "fast-export": "export-marks> all branches tags remotes progress= signed-tags= "
    "tag-of-filtered-object= reencode= import-marks= import-marks-if-exists= fake-missing-tagger "
    "full-tree use-done-feature no-data refspec= anonymize anonymize-map= "
    "reference-excluded-parents show-original-ids mark-tags " + LOG,
    "archive": "#lvo> output> format= prefix= list verbose worktree-attributes remote= exec! "
    "add-file= add-virtual-file= mtime=",
    "format-patch": "#kNno:v:sqpatU:zM?C?D?B?RwWbiO:l:h " + _MAILED + LOG.partition(" ")[2],
    "interpret-trailers": "h trim-empty where= if-exists= if-missing= only-trailers only-input "
    "unfold parse no-divider trailer= in-place",
    "maintenance": "h auto quiet task= schedule=",
    "send-email": "#v: to= cc= bcc= from= subject= dry-run quiet confirm= suppress-cc= in-reply-to= "
    "identity= smtp-encryption= smtp-user= smtp-domain= envelope-sender= thread validate "
    "chain-reply-to signed-off-by-cc annotate! compose! sendmail-cmd! smtp-server! to-cmd! cc-cmd! "
    "header-cmd!",
    # verbs that read with a first word
    "stash": LOG + "include-untracked only-untracked",
    "reflog": LOG,
    "remote": "vnph verbose all push heads tags prune",
    "worktree": "vzh porcelain verbose expire=",
    "submodule": "qn:h cached recursive quiet files for-status summary-limit=",
    "notes": "h ref=",
    "bisect": "h term-good term-old term-bad term-new",
    "bundle": "qh quiet progress",
    "sparse-checkout": "zh rules-file= cone",
    "rerere": "h",
    # verbs that read with an option
    "branch": "#alrvqih list all remotes verbose quiet abbrev show-current t " + _REFS,
    "tag": "#ln?vih list verify " + _REFS,
    "apply": "#p:C:vRzqh3 check stat numstat summary index cached recount whitespace= directory= "
    "include= exclude= unidiff-zero reverse verbose quiet allow-empty ignore-whitespace "
    "ignore-space-change inaccurate-eof allow-overlap binary 3way no-add unsafe-paths "
    "build-fake-ancestor! intent-to-add",
    "add": "nvfuANh dry-run verbose force update all intent-to-add ignore-errors ignore-missing "
    "ignore-removal sparse chmod= renormalize refresh pathspec-from-file= pathspec-file-nul",
    "rm": "nrfqh dry-run force cached ignore-unmatch sparse quiet pathspec-from-file=",
    "mv": "nvkfh dry-run verbose force sparse",
    "commit": "avqsem:F:c:C:t:u?S?nzoih dry-run short branch porcelain long null all message= file= "
    "author= date= amend allow-empty allow-empty-message signoff verify no-verify verbose quiet "
    "reuse-message= fixup= squash= reset-author no-edit cleanup= untracked-files only include "
    "gpg-sign no-gpg-sign trailer= status no-status pathspec-from-file=",
    "clean": "ndfxXqe:h dry-run force quiet exclude=",
    "am": "h show-current-patch",
    "rebase": "h show-current-patch",
    "config": "zlf:h global system local worktree file= blob= get get-all get-regexp get-urlmatch "
    "get-color get-colorbool list null name-only show-origin show-scope type= bool int "
    "bool-or-int bool-or-str path expiry-date includes default= all regexp= value= fixed-value url=",
    "update-index": "qh refresh really-refresh unmerged ignore-missing ignore-submodules",
    "merge-file": "pqL:h stdout ours theirs union diff3 zdiff3 quiet marker-size= object-id "
    "diff-algorithm=",
    "symbolic-ref": "qh short quiet recurse no-recurse",
}  # fmt: skip
GLOBAL: Final = (
    "C:c:pPvh git-dir= work-tree= namespace= exec-path config-env! no-pager paginate bare "
    "literal-pathspecs glob-pathspecs noglob-pathspecs icase-pathspecs no-optional-locks "
    "no-replace-objects no-lazy-fetch no-advice version help html-path man-path info-path "
    "super-prefix= attr-source= list-cmds="
)
