" # >>> stickhooks >>>
" The talking stick in Vim 8.2 or newer and Neovim. Put here by `stick editor vim --install`
" (or neovim); `stick editor vim --uninstall` takes it away.
"
" A save of a file that one may not write is refused: buffer modified, file untouched, and one
" line says who holds the stick. Such a file opens 'readonly', and is writable by itself as
" soon as the stick arrives.
"
"   :StickWrite WHY   saves it all the same; that is written down, and `stick log` shows it
"
" A write is replaced (BufWriteCmd) and not watched (BufWritePre): an error in BufWritePre does
" not stop the write under `:silent! write`, which is how plugins save by themselves, and in
" Neovim an error raised by Lua never does.
if exists('g:loaded_stick') || (v:version < 802 && !has('nvim'))
  finish
endif
let g:loaded_stick = 1
let s:python = @PYTHON@
let s:gate = @GATE@
let s:look_ms = 1000
let s:why = ''
let s:asked = 0

" Return the folder above a file that has or had a room, '' where there is none.
function! s:Room(path) abort
  let l:folder = resolve(fnamemodify(a:path, ':p'))
  while l:folder !=# fnamemodify(l:folder, ':h')
    let l:folder = fnamemodify(l:folder, ':h')
    let l:at = substitute(l:folder, '/$', '', '')
    if getftype(l:at . '/.talking-stick') !=# '' || isdirectory(l:at . '/.git/stickhooks')
          \ || getftype(l:at . '/.git') ==# 'file'
      return l:at
    endif
  endwhile
  return ''
endfunction

" Ask the gate. Returns its exit code and what it says in one line. Where the interpreter or
" the gate is gone after an upgrade (2, 126, 127), `stick` on PATH is asked.
function! s:Ask(path, options) abort
  for l:command in [[s:python, '-I', '-S', '-X', 'utf8', s:gate, 'pre-save'], ['stick', 'hook', 'pre-save']]
    let l:command += a:options + ['--path', fnamemodify(a:path, ':p')]
    let l:said = system(join(map(l:command, 'shellescape(v:val)'), ' ') . ' </dev/null')
    let l:code = v:shell_error
    if index([2, 126, 127], l:code) < 0
      break
    endif
  endfor
  return [l:code, substitute(trim(l:said), '\n\+', '  ', 'g')]
endfunction

" Return why a file may not be saved, '' where it may.
function! s:Refusal(path) abort
  if s:Room(a:path) ==# ''
    return ''
  endif
  let l:options = s:why ==# '' ? [] : ['--bypass', s:why]
  let [l:code, l:line] = s:Ask(a:path, l:options + ['--urgent', ':StickWrite why'])
  if l:code == 75
    return l:line
  elseif l:code != 0 && (l:code == 126 || l:code == 127 || s:why !=# '')
    let l:line = 'stick: the gate could not be asked (code ' . l:code . '); saved without it'
  elseif l:code != 0
    return 'stick: NOT SAVED  the gate failed (code ' . l:code . '; urgent: :StickWrite why)'
  endif
  if l:line !=# ''
    call s:Tell('WarningMsg', l:line)
  endif
  return ''
endfunction

" Have what was written be kept, with who wrote it. A bonus: what goes wrong there is not said.
function! s:Saved(path) abort
  if a:path !=# '' && executable(s:python)
    let l:command = [s:python, '-I', '-S', '-X', 'utf8', s:gate, 'post-save', '--path', fnamemodify(a:path, ':p')]
    call system(join(map(l:command, 'shellescape(v:val)'), ' ') . ' </dev/null 2>&1')
  endif
endfunction

function! s:Tell(colour, line) abort
  redraw
  execute 'echohl' a:colour
  echomsg a:line
  echohl None
endfunction

" Scripts (vim -es, nvim --headless) are told by an error, people by a line.
function! s:Watched() abort
  return has('nvim') ? !empty(nvim_list_uis()) : has('ttyin') && mode(1) !~# '^c[ev]'
endfunction

" Return the file on disk that a buffer's name stands for: for a member of an archive the archive,
" for what lies elsewhere ''.
function! s:OnDisk(name) abort
  let l:archive = matchstr(a:name, '^\(zipfile\|tarfile\):\(//\)\?\zs.\{-}\ze::')
  return l:archive !=# '' ? l:archive : a:name =~# '^\a[a-z0-9+.-]\+:' ? '' : a:name
endfunction

" Tell whether another plugin writes this buffer: it has a BufWriteCmd (or the like) of its own.
function! s:Others(event, name) abort
  let l:path = fnamemodify(a:name, ':p')
  let l:group = ''
  for l:line in split(execute('autocmd ' . a:event), "\n")
    if l:line =~# '^\S'
      let l:group = matchstr(l:line, '^\S\+\ze\s\+' . a:event)
    elseif l:group !=# 'stick' && l:line =~# '^    \S'
      let l:pattern = matchstr(l:line, '^    \zs\S\+')
      if l:pattern =~# '^<buffer=' ? l:pattern ==# '<buffer=' . bufnr('%') . '>'
            \ : (l:pattern =~# '/' ? l:path : fnamemodify(l:path, ':t')) =~# glob2regpat(l:pattern)
        return 1
      endif
    endif
  endfor
  return 0
endfunction

" Write as Vim was about to, or refuse: 'modified' stays, so that :wq, :x and ZZ do not quit.
" What another plugin writes is left to it: written by us as well, an encrypted file would lie
" there in the clear. An error here stops it, as long as it was defined after us.
function! s:Write(event) abort
  let l:name = expand('<afile>')
  let l:others = s:Others(a:event, l:name)
  let l:refusal = s:OnDisk(l:name) ==# '' ? '' : s:Refusal(s:OnDisk(l:name))
  if l:refusal !=# '' && (l:others || !s:Watched())
    throw l:refusal
  elseif l:refusal !=# ''
    call s:Tell('ErrorMsg', l:refusal)
    return
  elseif l:others
    return
  endif
  let l:range = a:event ==# 'BufWriteCmd' ? '' : line("'[") . ',' . line("']")
  let l:append = a:event ==# 'FileAppendCmd' ? '>> ' : ''
  let l:ignored = &eventignore
  let s:asked = 1
  set eventignore+=BufWriteCmd,FileWriteCmd,FileAppendCmd
  try " ++nested, so that BufWritePre and BufWritePost still run: formatters, linters
    execute l:range . 'write' . (v:cmdbang ? '!' : '') v:cmdarg l:append . fnameescape(l:name)
    call s:Saved(s:OnDisk(l:name))
  finally
    let &eventignore = l:ignored
    let s:asked = 0
  endtry
endfunction

" A write into a room from a buffer outside it: nothing of ours replaces it, an error may stop it.
function! s:Outside(name) abort
  let l:refusal = s:asked || get(b:, 'stick_guarded') || s:OnDisk(a:name) ==# '' ? '' : s:Refusal(a:name)
  if l:refusal !=# ''
    throw l:refusal
  endif
endfunction

" Replace the writing of a buffer whose file lies in a room; leave every other buffer alone.
" Done as soon as the buffer has its name, so that a plugin that reads it itself comes after us.
function! s:Guard(buffer) abort
  let l:file = s:OnDisk(bufname(a:buffer))
  let l:inside = l:file !=# '' && s:Room(l:file) !=# ''
  if l:inside == getbufvar(a:buffer, 'stick_guarded', 0)
    return
  endif
  call setbufvar(a:buffer, 'stick_guarded', l:inside)
  for l:event in ['BufWriteCmd', 'FileWriteCmd', 'FileAppendCmd']
    let l:at = l:event . ' <buffer=' . a:buffer . '>'
    execute 'autocmd! stick' l:at
    if l:inside
      execute 'autocmd stick' l:at '++nested call s:Write(' . string(l:event) . ')'
    endif
  endfor
endfunction

function! s:WriteAnyway(bang, why) abort
  let s:why = a:why
  call s:Unlock()
  try
    execute 'write' . a:bang
  finally
    let s:why = ''
  endtry
endfunction

" Look whether the file of this buffer may be written, at most once for each state of the room.
" A state younger than two seconds may be followed by another with the same time stamp.
function! s:Look() abort
  let l:room = get(b:, 'stick_room', '')
  if l:room ==# '' || &buftype !=# ''
    return
  endif
  let l:stamp = getftime(l:room . '/.talking-stick')
  if get(b:, 'stick_stamp', -2) == l:stamp
    return
  endif
  let b:stick_stamp = localtime() - l:stamp > 1 ? l:stamp : -2
  let [l:code, l:line] = s:Ask(expand('%:p'), ['--look'])
  if l:code == 75
    call s:Deny(l:line)
  elseif l:code == 0 && exists('b:stick_denied')
    call s:Allow()
  endif
endfunction

function! s:Deny(line) abort
  if !exists('b:stick_denied')
    let b:stick_readonly = !&modified && !&readonly
    if b:stick_readonly
      setlocal readonly
    endif
    if s:Others('BufWriteCmd', expand('%')) && &modifiable && !&modified
      " It may come before us, and then an error of ours is too late.
      let b:stick_unmodifiable = 1
      setlocal nomodifiable
    endif
    call s:TellSoon('WarningMsg', a:line)
  endif
  let b:stick_denied = a:line
endfunction

function! s:Allow() abort
  unlet b:stick_denied
  call s:Unlock()
  if &autoread && !&modified
    checktime %
  endif
  call s:TellSoon('MoreMsg', 'stick: you may write ' . expand('%:t') . ' now')
endfunction

" Take 'readonly' away where it was us who set it.
function! s:Unlock() abort
  if get(b:, 'stick_readonly')
    setlocal noreadonly
  endif
  if get(b:, 'stick_unmodifiable')
    unlet b:stick_unmodifiable
    setlocal modifiable
  endif
endfunction

" Say it when Vim has said its own about the file: two lines at once want a key pressed.
function! s:TellSoon(colour, line) abort
  if s:Watched() && has('timers')
    call timer_start(10, {-> s:Tell(a:colour, a:line)})
  endif
endfunction

function! s:Opened() abort
  unlet! b:stick_stamp
  let b:stick_room = expand('%') ==# '' || expand('%') =~# '^\a\+://' ? '' : s:Room(expand('%'))
  if b:stick_room !=# '' && !exists('s:timer') && has('timers')
    let s:timer = timer_start(s:look_ms, {-> s:Look()}, {'repeat': -1})
  endif
  call s:Look()
endfunction

" Typing into such a buffer is allowed, and warned of with our reason instead of Vim's W10.
" Without 'readonly', :w is then refused by us, who say why, and not by E45.
function! s:Typed() abort
  call s:Unlock()
  if s:Watched()
    call s:Tell('WarningMsg', b:stick_denied)
    sleep 1
  endif
endfunction

command! -bang -nargs=+ StickWrite call s:WriteAnyway('<bang>', <q-args>)
augroup stick
  autocmd!
  autocmd BufNew,BufAdd,BufReadPre,BufNewFile,BufEnter,BufFilePost * call s:Guard(expand('<abuf>') + 0)
  autocmd BufWritePre,FileWritePre,FileAppendPre * call s:Outside(expand('<afile>'))
  autocmd BufReadPost,BufNewFile,BufFilePost * call s:Opened()
  autocmd BufEnter,FocusGained,CursorHold,CursorHoldI * call s:Look()
  autocmd FileChangedRO * if exists('b:stick_denied') | call s:Typed() | endif
augroup END
" # <<< stickhooks <<<
