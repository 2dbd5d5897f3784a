#compdef dmix
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The dmix authors
# Completion of dmix for zsh: commands, the options that `--help` lists, files.
local -a found
local first=3
[[ $words[2] == plan && $CURRENT -gt 2 ]] && first=4 # a command stands behind it
if (( CURRENT < first )); then
  found=(${(f)"$(_call_program commands dmix --help |
    sed -n 's/^  \([a-z]*\)  *\(.*\)/\1:\2/p')"})
  _describe command found
elif [[ $PREFIX == -* ]]; then
  found=(${(f)"$(_call_program options dmix ${words[2,first-1]} --help |
    grep -oE -e '--[a-z-]+')"})
  compadd -- $found
else
  _files
fi
