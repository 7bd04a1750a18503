"""What the options of programs that read may be, in the form that ``shell.listed`` describes.

An option that is not here is asked. The lists were held against the manuals and against what the
programs do: ``tests/shell/test_shell_options.py`` draws options from each program's own ``--help``.
"""

from __future__ import annotations

from stickhooks.shell.listed import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: No option of these writes a file or runs a program, by the manuals of GNU, BSD and BusyBox.
_NONE_WRITES: Final = """
ls dir vdir cat tac head tail nl wc od hexdump hd stat du df cut paste join comm tr rev fold fmt
expand unexpand column pr look cmp md5sum cksum sum sha1sum sha224sum sha256sum sha384sum sha512sum
b2sum basename dirname realpath readlink pathchk grep egrep fgrep rgrep which whereis locate
echo true false : seq yes expr bc numfmt factor jq gron cal sleep usleep base32 tsort getopt
uuidgen figlet jo
ps pgrep pidof pstree free uptime vmstat iostat lscpu lsblk lsusb nproc arch uname id whoami who
users groups logname tty locale getconf getent printenv kill pkill killall tput stty clear times
netstat ifconfig otool lddtree ldd top
ping dig nslookup host traceroute whois
pwd shopt fg bg disown dirs unalias break continue logout caller help suspend ulimit umask
type zcat bzcat xzcat eza exa lsd
"""
_DIFF: Final = (
    "#abBcC:dD:eE:fF:HI:ilL:nN:pPqrsS:tTuU:vwW:x:X:yZ "
    "brief unified context label= ignore-all-space ignore-space-change ignore-blank-lines "
    "ignore-case ignore-matching-lines= ignore-trailing-space ignore-tab-expansion recursive "
    "new-file exclude= exclude-from= color palette= side-by-side width= suppress-common-lines "
    "left-column text binary minimal speed-large-files strip-trailing-cr report-identical-files "
    "show-c-function show-function-line= from-file= to-file= unidirectional-new-file normal ed rcs "
    "ifdef= starting-file= no-dereference expand-tabs initial-tab tabsize= horizon-lines= paginate "
    "ignore-file-name-case no-ignore-file-name-case line-format= old-line-format= "
    "new-line-format= unchanged-line-format= GTYPE-group-format= old-group-format= "
    "new-group-format= unchanged-group-format= changed-group-format= suppress-blank-empty help "
    "version"
)
_LESS: Final = (
    "#aBb:CcD:dEeFfGgh:IiJj:KLMmNnP:p:QqRrSst:uUVwWXx:y:z:~o>O> "
    "log-file> LOG-FILE> pattern= tag= prompt= tabs= window= quit-if-one-screen "
    "RAW-CONTROL-CHARS raw-control-chars no-init chop-long-lines LINE-NUMBERS line-numbers "
    "QUIT-AT-EOF quit-at-eof ignore-case IGNORE-CASE squeeze-blank-lines follow-name mouse help "
    "version quiet silent color= use-color"
)
_RG: Final = (
    "#A:B:C:E:FHIM:LNPTcd:T:a:e:f:g:hij:lm:nop:qr:st:uUvVwxz.S0 "
    "after-context= before-context= context= context-separator= color= colors= column count "
    "count-matches crlf debug trace dfa-size-limit= encoding= engine= field-context-separator= "
    "field-match-separator= file= files files-with-matches files-without-match fixed-strings follow "
    "glob= iglob= glob-case-insensitive heading help hidden ignore-case ignore-file= "
    "ignore-file-case-insensitive include-zero invert-match json line-buffered block-buffered "
    "line-number line-regexp max-columns= max-columns-preview max-count= max-depth= maxdepth= "
    "max-filesize= mmap multiline multiline-dotall no-config no-filename with-filename no-heading "
    "no-ignore no-ignore-dot no-ignore-exclude no-ignore-files no-ignore-global no-ignore-messages "
    "no-ignore-parent no-ignore-vcs no-line-number no-messages no-mmap no-require-git no-unicode "
    "null null-data one-file-system only-matching passthru passthrough path-separator= pcre2 "
    "pcre2-version pre$ pre-glob= pretty print0 quiet regex-size-limit= regexp= replace= "
    "search-zip smart-case case-sensitive sort= sortr= sort-files stats stop-on-nonmatch text "
    "threads= trim type= type-add= type-clear= type-list type-not= unrestricted version vimgrep "
    "word-regexp hyperlink-format= hostname-bin! generate= ignore ignore-vcs binary auto-hybrid-regex"
)
_BFD: Final = (
    "all debug-syms defined-only demangle dynamic extern-only format= help just-symbols "
    "line-numbers no-demangle no-sort numeric-sort portability print-armap print-file-name "
    "print-size quiet radix= reverse-sort size-sort special-syms synthetic target= undefined-only "
    "version with-symbol-versions all-headers archive-headers architecture= disassemble "
    "disassemble-all disassemble-zeroes disassembler-options= dwarf dynamic-reloc dynamic-syms "
    "endian= file-headers file-offsets full-contents include= info inlines prefix-addresses "
    "private-headers private= reloc section= show-raw-insn no-show-raw-insn source start-address= "
    "stop-address= syms wide visualize-jumps no-addresses headers sections segments symbols "
    "dyn-syms notes relocs hex-dump= string-dump= debug-dump version-info arch-specific histogram "
    "unwind use-dynamic file-header program-headers section-headers section-details section-groups "
    "relocated-dump= archive-index decompress common totals plugin!"
)
_CURL: Final = (
    "#sSLkvifIgGjlNnqRVZaH:X:d:F:u:U:A:e:E:m:x:r:C:y:Y:z:b:o>c>D>w:T:Q:t:P:JOK!h?p "
    "output> remote-name remote-name-all remote-header-name cookie-jar> dump-header> trace> "
    "trace-ascii> stderr> libcurl> etag-save> hsts> alt-svc> config! output-dir= engine! "
    "trace-config= ssl-sessions> silent show-error location location-trusted insecure verbose "
    "include head fail fail-with-body fail-early compressed data= data-raw= data-binary= "
    "data-urlencode= data-ascii= header= request= request-target= user= proxy-user= user-agent= "
    "referer= cert= key= cacert= capath= max-time= connect-timeout= proxy= range= continue-at= "
    "speed-limit= speed-time= time-cond= cookie= write-out= upload-file= form= form-string= "
    "url= url-query= retry= retry-delay= retry-max-time= retry-all-errors retry-connrefused "
    "resolve= connect-to= interface= limit-rate= json= max-redirs= proto= proto-default= "
    "proto-redir= http1.0 http1.1 http2 http2-prior-knowledge http3 http0.9 ipv4 ipv6 tlsv1 "
    "tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tls-max= ciphers= get globoff no-progress-meter progress-bar "
    "progress-meter no-buffer buffer junk-session-cookies netrc netrc-file= netrc-optional oauth2-bearer= "
    "basic digest ntlm negotiate anyauth aws-sigv4= unix-socket= abstract-unix-socket= noproxy= "
    "socks5= socks5-hostname= path-as-is post301 post302 post303 create-dirs max-filesize= "
    "etag-compare= parallel parallel-max= parallel-immediate rate= raw tr-encoding next manual help "
    "version dns-servers= doh-url= keepalive-time= no-keepalive no-alpn no-sessionid styled-output "
    "disable trace-time trace-ids list-only ssl-reqd ssl use-ascii variable= expand-url= "
    "remove-on-error clobber skip-existing xattr append"
)
_MAN: Final = (
    "#afkKwWdDhVl?uciIrs:S:e:m:M:L:E:R:T?tZp:P$7 "
    "pager$ path where where-cat local-file regex wildcard names-only all sections= section= "
    "extension= locale= manpath= systems= warnings whatis apropos global-apropos ignore-case "
    "match-case no-hyphenation no-justification encoding= preprocessor= default help version "
    "usage debug no-subpages update ascii html! gxditview! troff-device recode="
)
LISTED: Final = {
    **dict.fromkeys(_NONE_WRITES.split(), ANY),
    **dict.fromkeys(("zipinfo",), ANY),
    "shellcheck": "aC?f:i:e:o:S:s:P:W:xVh check-sourced color format= include= exclude= norc rcfile= "
    "list-optional enable= severity= shell= source-path= wiki-link-count= external-sources "
    "extended-analysis= version help",
    "dpkg": "lLsSpcIVCh list listfiles status search print-avail contents info get-selections verify "
    "audit print-architecture print-foreign-architectures compare-versions version help no-pager",
    "file": "bcdEe:F:f:hiIkLlnNprsSvzZ0P: brief mime mime-type mime-encoding dereference "
    "no-dereference extension exclude= exclude-quiet= separator= files-from= keep-going no-buffer "
    "no-pad preserve-date print0 raw special-files uncompress uncompress-noreport no-sandbox help "
    "version list apple debug checking-printout parameter= compile!",
    "strings": "#adfin:oRe:hst:U:vVw all data bytes= print-file-name radix= encoding= "
    "include-all-whitespace output-separator= target= unicode= help version",
    "diff": _DIFF,
    "colordiff": _DIFF,
    "zdiff": _DIFF,
    "diff3": "aAeEimxX3L:T text show-all ed show-overlap easy-only merge initial-tab label= "
    "strip-trailing-cr help version diff-program!",
    "sdiff": "aBbdEHiI:lo>stw:W output> suppress-common-lines width= left-column ignore-case "
    "ignore-all-space ignore-space-change ignore-blank-lines text expand-tabs minimal tabsize= "
    "strip-trailing-cr ignore-matching-lines= speed-large-files ignore-tab-expansion "
    "ignore-trailing-space help version diff-program!",
    "zgrep": ANY,
    "less": _LESS,
    "zless": _LESS,
    "more": "#dflcpsuen:Vh lines= squeeze print-over logical no-pause plain exit-on-eof silent "
    "clean-print help version",
    **dict.fromkeys(
        ("bat", "batcat"),
        "Apl:nrH:m:fSsuhVPdE: pager$ paging= style= color= decorations= language= line-range= "
        "highlight-line= theme= theme-light= theme-dark= plain number show-all tabs= wrap= "
        "terminal-width= file-name= map-syntax= ignored-suffix= italic-text= diff diff-context= "
        "list-languages list-themes force-colorization nonprintable-notation= squeeze-blank "
        "squeeze-limit= unbuffered chop-long-lines binary= strip-ansi= no-config no-pager "
        "acknowledgements help version config-file config-dir cache-dir diagnostic "
        "generate-config-file!",
    ),
    "ag": "#A:B:C:cDfFG:gHhiLlm:nNop:QrRsStuUvVwWz0a ackmate after before context= color nocolor "
    "column count debug depth= file-search-regex= filename nofilename files-with-matches "
    "files-without-matches fixed-strings follow group nogroup heading noheading hidden ignore= "
    "ignore-case ignore-dir= invert-match line-numbers list-file-types literal match max-count= "
    "numbers nonumbers only-matching one-device parallel passthrough path-to-ignore= "
    "print-long-lines print0 null recurse search-files search-zip search-binary silent skip-vcs-ignores "
    "smart-case case-sensitive stats stats-only unrestricted all-text all-types vimgrep width= "
    "word-regexp workers= version help pager$",
    "ack": "#A:B:C?cfg:hHiIlLm:no1PQRrsSt:T:vwx0 after-context= before-context= context= count "
    "color colour color-filename= color-match= nocolor nocolour column env noenv noackrc files-from= "
    "files-with-matches files-without-matches filter flush follow group nogroup heading "
    "no-filename with-filename ignore-case smart-case ignore-dir= ignore-file= invert-match "
    "known-types literal lines= match= max-count= output= passthru print0 proximate range-start= "
    "range-end= show-types sort-files type= type-add= type-set= underline word-regexp help "
    "help-types version dump pager$ ackrc! "
    "py python js ts ruby perl java go rust cc cpp css html json yaml xml sh shell php sql markdown",
    "pt": "A:B:C:cgG:iSlwe0 after= before= context= color nocolor ignore= ignore-case smart-case "
    "files-with-matches count numbers group hidden follow depth= version",
    "rg": _RG,
    **dict.fromkeys(
        ("apropos",),
        "aewrdlC:L:m:M:s:hV and exact wildcard regex long sections= "
        "systems= manpath= locale= help version",
    ),
    "man": _MAN,
    "tldr": "lp:vL:hr platform= language= list version raw markdown render= color= search= random",
    "date": "d:f:I?jnRr:uv:z: date= file= iso-8601 rfc-2822 rfc-email rfc-3339= reference= utc "
    "universal debug resolution help version set!",
    "cowsay": "bdgpstwynhle:T:W:",
    "lsof": "#?abCc:d?F?g?hi?jKk:lMn?NoOp:PRs?S?tT?u:UvVwXx?+",
    "ss": "#0abeEf:hHiIlmnNopOPQrstTuUvVwxZzA:S4M resolve all listening options extended memory "
    "processes threads info context net= bpf summary tos cgroup events no-header oneline ipv4 ipv6 "
    "packet tcp udp sctp dccp raw unix vsock xdp mptcp family= query= socket= numeric help version",
    "hostname": "aAdfiIsvVyh alias all-fqdns all-ip-addresses domain fqdn long ip-address short "
    "yp nis help version",
    "dmesg": "deF:f:hHJkl:LPpqrS?TtuVwWx since= until= human follow follow-new level= facility= "
    "kernel userspace decode ctime reltime notime nopager raw show-delta time-format= color json "
    "syslog buffer-size= file= force-prefix help version",
    "nm": "aABCDef:ghjln:opPrSst:uUvVWX: " + _BFD,
    "objdump": "aAb:CdDe:fFgGhiI:j:lm:M:pP:rRsStTU:vVwW?xzEB:LH " + _BFD,
    "readelf": "aACdDeghHIlLnp:PrR:sStuU:VvWw?x:z " + _BFD,
    "size": "ABdfGhotxVv " + _BFD,
    "dpkg-query": "slLSWf:pVh list status listfiles search show showformat= print-avail "
    "control-list control-show control-path admindir= root= load-avail help version",
    "rpm-query": "aqilLfdRcps queryformat= qf= all info list requires provides",
    "sort": "bdfgiMhnRrVcCmsuz#o>S:t:T>k:w output> temporary-directory> compress-program$ key= "
    "field-separator= buffer-size= parallel= batch-size= files0-from= random-source= sort= "
    "ignore-leading-blanks dictionary-order ignore-case general-numeric-sort ignore-nonprinting "
    "month-sort human-numeric-sort numeric-sort random-sort reverse version-sort check merge "
    "stable unique zero-terminated debug mmap help version",
    "shuf": "en:i:o>rz output> echo input-range= head-count= random-source= repeat "
    "zero-terminated help version",
    "info": "ad:f:hik:n:o>Ovw output> all directory= file= node= subnodes where location apropos= "
    "index-search= strict-node-location= usage help version",
    "tree": "#acdDfFgGhiI:JL:lnNo>P:pqrsStuUvxQXACH:T:? dirsfirst filesfirst noreport prune "
    "filelimit= charset= gitignore gitfile= matchdirs ignore-case sort= timefmt= du si inodes "
    "device metafirst fromfile info infofile= help version output> nolinks hintro= houtro= "
    "fromtabfile fflinks",
    "iconv": "cf:t:lo>sV output> from-code= to-code= list silent verbose help usage version",
    "base64": "b:dDiw:o>h decode ignore-garbage wrap= break= input= output> help version",
    "xmllint": "- output> o> xpath= xpath0= noout format schema= valid html encode= recover c14n exc-c14n "
    "huge nonet noblanks noent nowarning dropdtd noenc pretty= pattern= relaxng= schematron= "
    "dtdvalid= dtdvalidfpi= debug stream sax1 sax timing postvalid path= xinclude version help "
    "nocdata nsclean quiet memory walker push loaddtd dtdattr stdin copy repeat maxmem= catalogs",
    "cscope": "#cCdeF:f:hi:I:klLP:p:qRs:TuUvV",
    "curl": _CURL,
    "uniq": "#cdDf:is:uw:zg? count repeated all-repeated group skip-fields= ignore-case "
    "skip-chars= unique check-chars= zero-terminated help version",
}
