;;; stick.el --- no save without the talking stick  -*- lexical-binding: t -*-
;; # >>> stickhooks >>>
;; The talking stick in Emacs 27 or newer.  `stick editor emacs --install' put this here and told
;; the line for your init file; `stick editor emacs --uninstall' takes it away.
;;
;; A save of a file that one may not write is refused: the buffer stays modified, the file
;; untouched, and the echo area says who holds the stick.  Such a file opens read-only, with the
;; reason above its text, and is writable by itself as soon as the stick arrives.
;;
;;   M-x stick-save-anyway   saves it all the same; that is written down, `stick log' shows it
;;   M-x stick-join          makes this Emacs known as you, where no shell of yours started it
;;
;; The check stands in `write-file-functions': an error there stops the save.  One in
;; `before-save-hook' is shown, and then Emacs writes the file.

;;; Code:
(require 'subr-x)
(defconst stick--commands
  '((@PYTHON@ "-I" "-S" "-X" "utf8" @GATE@ "pre-save") ("stick" "hook" "pre-save"))
  "How the gate is asked: at once, or where that is gone by `stick' on PATH.")
(defvar stick--why nil "Why somebody goes past the gate now, or nil.")
(defvar stick--timer nil "The timer that looks whether the stick has arrived.")
(defvar-local stick--room nil "The folder that has or had a room above this buffer's file.")
(defvar-local stick--seen nil "The time stamp of the room when it was last asked about.")
(defvar-local stick--denied nil "Why this buffer may not be saved, or nil.")
(defvar-local stick--locked nil "Non-nil where it was us who made this buffer read-only.")
(defvar-local stick--aside nil "Non-nil while auto-saves of the visited file go to #FILE#.")
(defconst stick--header '(:eval (replace-regexp-in-string "%" "%%" (or stick--denied "")))
  "The reason why a buffer may not be saved, above its text.")

(defun stick--room-above (file)
  "Return the folder above FILE that has or had a room, or nil.  Remote files have none."
  (unless (file-remote-p file)
    (locate-dominating-file
     (file-truename file)
     (lambda (folder)
       (and (file-directory-p folder)
            (or (file-attributes (expand-file-name ".talking-stick" folder))
                (file-directory-p (expand-file-name ".git/stickhooks" folder))
                (file-regular-p (expand-file-name ".git" folder))))))))

(defun stick--run (command options)
  "Run COMMAND with OPTIONS.  Return its exit code and what it says in one line."
  (with-temp-buffer
    (let* ((default-directory "/")
           (code (condition-case nil
                     (apply #'call-process (car command) nil t nil (append (cdr command) options))
                   (file-error 127)))
           (said (replace-regexp-in-string "\n+" "  " (string-trim (buffer-string)))))
      (cons code said))))

(defun stick--ask (file &rest options)
  "Ask the gate about FILE with OPTIONS.  Return its exit code and what it says."
  (let ((options (append options (list "--path" (expand-file-name file)))) answer)
    (catch 'answered
      (dolist (command stick--commands)
        (setq answer (stick--run command options))
        (unless (memql (car answer) '(2 126 127)) (throw 'answered nil))))
    answer))

(defun stick--refusal (file)
  "Return why FILE may not be saved, or nil.  Without a gate it may be saved, with a warning."
  (when (and file (stick--room-above file))
    (let* ((bypass (and stick--why (list "--bypass" stick--why)))
           (answer (apply #'stick--ask file "--urgent" "M-x stick-save-anyway" bypass))
           (code (car answer)))
      (cond ((eql code 75) (cdr answer))
            ((eql code 0) (unless (string-empty-p (cdr answer)) (message "%s" (cdr answer))) nil)
            ((or stick--why (memql code '(126 127)))
             (message "stick: the gate could not be asked (code %s); saved without it" code) nil)
            (t (format "stick: NOT SAVED  the gate failed (code %s; urgent: M-x stick-save-anyway)"
                       code))))))

(defun stick--before-writing ()
  "Stop a save that the stick does not allow."
  (let ((refusal (stick--refusal buffer-file-name)))
    (when refusal (user-error "%s" refusal))))

;; `write-contents-functions' run before `write-file-functions', so a mode that writes its buffer
;; itself would save without being asked.
(defun stick--before-contents (&rest _)
  "Stop a save by a mode that writes this buffer itself."
  (when (and write-contents-functions (buffer-modified-p)) (stick--before-writing)))

;; With `auto-save-visited-file-name' Emacs writes the file itself and runs no hook that can stop
;; it.  As long as the file may not be written, the text is kept in the usual #FILE# beside it.
(defun stick--before-auto-save ()
  "Turn auto-saves of visited files aside where the stick does not allow a save."
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when (and stick--room buffer-file-name buffer-auto-save-file-name (buffer-modified-p)
                 (or stick--aside (equal buffer-auto-save-file-name buffer-file-name)))
        (let ((refused (with-demoted-errors "stick: %S" (stick--ask buffer-file-name "--look"))))
          (setq stick--aside (not (eql (car refused) 0))
                buffer-auto-save-file-name
                (if stick--aside
                    (let (auto-save-visited-file-name) (make-auto-save-file-name))
                  buffer-file-name)))))))

(defun stick--before-region (_start _end file &rest _)
  "Stop somebody who writes a region to FILE by a command."
  (when (memq this-command '(write-region append-to-file))
    (let ((refusal (stick--refusal file)))
      (when refusal (user-error "%s" refusal)))))

(defun stick-save-anyway (why)
  "Save this buffer past the gate, and have it written down WHY."
  (interactive "sSave without the stick, because: ")
  (when (string-empty-p (string-trim why)) (user-error "stick: it needs a reason"))
  (let ((stick--why why)) (save-buffer)))

(defun stick-join (name)
  "Join the room of this buffer as NAME: this Emacs is then known as you."
  (interactive "sYour name as a member: ")
  (with-temp-buffer
    (call-process "stick" nil t nil "join" "--as" name)
    (message "%s" (string-trim (buffer-string)))))

(defun stick--look (&optional again)
  "Make this buffer read-only or writable, once for each state of its room, or AGAIN.
A state younger than two seconds may be followed by one with the same time stamp."
  (when (and stick--room buffer-file-name)
    (let* ((state (file-attributes (expand-file-name ".talking-stick" stick--room)))
           (stamp (and state (float-time (file-attribute-modification-time state)))))
      (when (or again (null stick--seen) (not (equal stamp (cdr stick--seen))))
        (setq stick--seen (and stamp (> (- (float-time) stamp) 2) (cons t stamp)))
        (let ((answer (stick--ask buffer-file-name "--look")))
          (cond ((eql (car answer) 75) (stick--deny (cdr answer)))
                ((and stick--denied (eql (car answer) 0)) (stick--allow))))))))

(defun stick--deny (line)
  "Make this buffer read-only, and show LINE, the reason."
  (unless stick--denied
    (setq stick--locked (not (or buffer-read-only (buffer-modified-p))))
    (when stick--locked (setq buffer-read-only t))
    (message "%s" line))
  (setq stick--denied line)
  (unless header-line-format (setq header-line-format stick--header))
  (force-mode-line-update))

(defun stick--allow ()
  "Make this buffer writable again."
  (setq stick--denied nil)
  (when stick--locked (setq buffer-read-only nil))
  (when (eq header-line-format stick--header) (setq header-line-format nil))
  (unless (or (buffer-modified-p) (verify-visited-file-modtime)) (revert-buffer t t t))
  (message "stick: you may write %s now" (buffer-name)))

(defun stick--opened ()
  "Look whether the file of this buffer may be written, now and from now on."
  (setq stick--room (and buffer-file-name (stick--room-above buffer-file-name)))
  (when (and stick--room (not noninteractive) (not stick--timer))
    (setq stick--timer (run-with-timer 1 1 #'stick--look-at-visible)))
  (stick--look t))

(defun stick--look-at-visible ()
  "Look at the buffers that somebody can see; an idle Emacs is asked as well."
  (dolist (window (window-list))
    (with-current-buffer (window-buffer window)
      (with-demoted-errors "stick: %S" (stick--look)))))

(defun stick--saved ()
  "Have what was saved be kept, with who did so.  A bonus: what goes wrong there is not said."
  (when (and stick--room buffer-file-name)
    (stick--run (append (butlast (car stick--commands)) '("post-save"))
                (list "--path" (expand-file-name buffer-file-name)))))

(add-hook 'write-file-functions #'stick--before-writing -90)
(add-hook 'after-save-hook #'stick--saved)
(add-hook 'find-file-hook #'stick--opened)
(add-hook 'after-set-visited-file-name-hook #'stick--opened)
(add-hook 'auto-save-hook #'stick--before-auto-save)
(advice-add 'write-region :before #'stick--before-region)
(advice-add 'basic-save-buffer :before #'stick--before-contents)
(provide 'stick)
;; # <<< stickhooks <<<
;;; stick.el ends here
