# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_llmux_global_optspecs
    string join \n config= q/quiet v/verbose color= h/help V/version
end

function __fish_llmux_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_llmux_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_llmux_using_subcommand
    set -l cmd (__fish_llmux_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c llmux -n "__fish_llmux_needs_command" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_needs_command" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_needs_command" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_needs_command" -s V -l version -d 'Print version'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "diff" -d 'Review a change: a range, the index, the work tree, or a patch'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "review" -d 'Review a pull request, and post the review there'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "run" -d 'Run any workflow file over a change'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "runs" -d 'List the runs of this project that the store knows'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "replay" -d 'Vote, gate and report a run again, with no call'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "merge" -d 'Join the parts of a run in shards into the report that one run gives'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "doctor" -d 'Say which backends, teams and tools answer, and why not'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "baseline" -d 'Keep the findings that a project lives with: they do not count any more'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "feedback" -d 'Say which findings are real and which are not: runs learn from it'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "eval" -d 'Measure merging, votes and backends by recorded findings with answers'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "stats" -d 'Tell what calls cost and how long they took, and what came of findings'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "config" -d 'Show the configuration in force, or all that can be configured'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "man" -d 'Print the manual page, or write those of all commands'
complete -c llmux -n "__fish_llmux_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l patch -d 'A unified diff; - is standard input' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l include -d 'Review only paths that match (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l exclude -d 'Leave out paths that match (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l report -d 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l format -d 'The same as --report FORMAT' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l fail-on -d 'Lowest severity of a confirmed finding that blocks' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l threshold -d 'Votes that confirm a finding: a number, a share such as 50%, or auto' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l baseline -d 'Findings in this file do not count; without: baseline.file of the commit that the change starts from' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l baseline-rev -d 'Findings that this revision has already do not count' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l previous -d 'The JSON report of the run before: tells new, still there, fixed' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l team -d 'Team, instead of detecting one' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l backend -d 'Ask these backends alone (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l timeout -d 'Time limit of the whole run: 90s, 10m' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l budget -d 'US dollars that the run may cost at most' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l part -d 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l shard -d 'Read only this shard\'s packets, of so many shards; `llmux merge` joins their parts' -r
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l refresh -d 'Ask again although the tape has the answer: all, or only what failed' -r -f -a "all\t'Everything'
failed\t'What brought no answer'"
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l record -d 'Keep each reply in this folder' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l replay -d 'Answer each call from this folder; make no call' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l staged -d 'HEAD against the index, as a commit hook sees it'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l pre-push -d 'What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l worktree -d 'The index against the work tree'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l allow-incomplete -d 'Let an incomplete run pass with a warning'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l offline -d 'Ask only what needs no network: rules, servers on this machine, backends marked local'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -l dry-run -d 'Print the plan (files, packets, calls, tokens, highest cost) and make no call'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand review" -l post -d 'What is posted: a summary and comments on lines, the summary alone, or nothing' -r -f -a "review\t'A summary, and comments on lines'
summary\t'The summary'
none\t'Nothing'"
complete -c llmux -n "__fish_llmux_using_subcommand review" -l from -d 'Ask no model: tell and post what this part file says, which another job wrote with --part; needs no clone (repeatable, for all shards of a run)' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l include -d 'Review only paths that match (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l exclude -d 'Leave out paths that match (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l report -d 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l format -d 'The same as --report FORMAT' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l fail-on -d 'Lowest severity of a confirmed finding that blocks' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l threshold -d 'Votes that confirm a finding: a number, a share such as 50%, or auto' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l baseline -d 'Findings in this file do not count; without: baseline.file of the commit that the change starts from' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l baseline-rev -d 'Findings that this revision has already do not count' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l previous -d 'The JSON report of the run before: tells new, still there, fixed' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l team -d 'Team, instead of detecting one' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l backend -d 'Ask these backends alone (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l timeout -d 'Time limit of the whole run: 90s, 10m' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l budget -d 'US dollars that the run may cost at most' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l part -d 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l shard -d 'Read only this shard\'s packets, of so many shards; `llmux merge` joins their parts' -r
complete -c llmux -n "__fish_llmux_using_subcommand review" -l refresh -d 'Ask again although the tape has the answer: all, or only what failed' -r -f -a "all\t'Everything'
failed\t'What brought no answer'"
complete -c llmux -n "__fish_llmux_using_subcommand review" -l record -d 'Keep each reply in this folder' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l replay -d 'Answer each call from this folder; make no call' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand review" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand review" -l allow-incomplete -d 'Let an incomplete run pass with a warning'
complete -c llmux -n "__fish_llmux_using_subcommand review" -l offline -d 'Ask only what needs no network: rules, servers on this machine, backends marked local'
complete -c llmux -n "__fish_llmux_using_subcommand review" -l dry-run -d 'Print the plan (files, packets, calls, tokens, highest cost) and make no call'
complete -c llmux -n "__fish_llmux_using_subcommand review" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand review" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand run" -l arg -d 'Values for `args` in the workflow\'s templates' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l patch -d 'A unified diff; - is standard input' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l include -d 'Review only paths that match (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l exclude -d 'Leave out paths that match (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l report -d 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l format -d 'The same as --report FORMAT' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l fail-on -d 'Lowest severity of a confirmed finding that blocks' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l threshold -d 'Votes that confirm a finding: a number, a share such as 50%, or auto' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l baseline -d 'Findings in this file do not count; without: baseline.file of the commit that the change starts from' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l baseline-rev -d 'Findings that this revision has already do not count' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l previous -d 'The JSON report of the run before: tells new, still there, fixed' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l team -d 'Team, instead of detecting one' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l backend -d 'Ask these backends alone (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l timeout -d 'Time limit of the whole run: 90s, 10m' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l budget -d 'US dollars that the run may cost at most' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l part -d 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l shard -d 'Read only this shard\'s packets, of so many shards; `llmux merge` joins their parts' -r
complete -c llmux -n "__fish_llmux_using_subcommand run" -l refresh -d 'Ask again although the tape has the answer: all, or only what failed' -r -f -a "all\t'Everything'
failed\t'What brought no answer'"
complete -c llmux -n "__fish_llmux_using_subcommand run" -l record -d 'Keep each reply in this folder' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l replay -d 'Answer each call from this folder; make no call' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand run" -l staged -d 'HEAD against the index, as a commit hook sees it'
complete -c llmux -n "__fish_llmux_using_subcommand run" -l pre-push -d 'What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`'
complete -c llmux -n "__fish_llmux_using_subcommand run" -l worktree -d 'The index against the work tree'
complete -c llmux -n "__fish_llmux_using_subcommand run" -l allow-incomplete -d 'Let an incomplete run pass with a warning'
complete -c llmux -n "__fish_llmux_using_subcommand run" -l offline -d 'Ask only what needs no network: rules, servers on this machine, backends marked local'
complete -c llmux -n "__fish_llmux_using_subcommand run" -l dry-run -d 'Print the plan (files, packets, calls, tokens, highest cost) and make no call'
complete -c llmux -n "__fish_llmux_using_subcommand run" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand run" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand runs" -l limit -d 'How many, the newest first' -r
complete -c llmux -n "__fish_llmux_using_subcommand runs" -l format -d 'How: terminal, json' -r -f -a "terminal\t'For people'
json\t'For programs: the file as it would be written'"
complete -c llmux -n "__fish_llmux_using_subcommand runs" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand runs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand runs" -l all-projects -d 'Those of all projects'
complete -c llmux -n "__fish_llmux_using_subcommand runs" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand runs" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand runs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l report -d 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l format -d 'The same as --report FORMAT' -r
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l fail-on -d 'Lowest severity of a confirmed finding that blocks' -r
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l threshold -d 'Votes that confirm a finding: a number, a share such as 50%, or auto' -r
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l baseline -d 'Findings in this file do not count; without: baseline.file of the commit that the change starts from' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l baseline-rev -d 'Findings that this revision has already do not count' -r
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l previous -d 'The JSON report of the run before: tells new, still there, fixed' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand replay" -l allow-incomplete -d 'Let an incomplete run pass with a warning'
complete -c llmux -n "__fish_llmux_using_subcommand replay" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand replay" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l timeout -d 'Time limit of what is asked now: 90s, 10m' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l budget -d 'US dollars that all parts and what is asked now may cost at most' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l part -d 'Write the joined run as one part file, for `llmux review --from`' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l report -d 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l format -d 'The same as --report FORMAT' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l fail-on -d 'Lowest severity of a confirmed finding that blocks' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l threshold -d 'Votes that confirm a finding: a number, a share such as 50%, or auto' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l baseline -d 'Findings in this file do not count; without: baseline.file of the commit that the change starts from' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l baseline-rev -d 'Findings that this revision has already do not count' -r
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l previous -d 'The JSON report of the run before: tells new, still there, fixed' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l offline -d 'Ask nobody: what no part was told (refutation, summary) is missing'
complete -c llmux -n "__fish_llmux_using_subcommand merge" -l allow-incomplete -d 'Let an incomplete run pass with a warning'
complete -c llmux -n "__fish_llmux_using_subcommand merge" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand merge" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l workflow -d 'The workflow whose crews are formed: a file, or the name of one (project, user, built-in)' -r
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l format -d 'How the answer is written: terminal, json (docs/doctor.md)' -r -f -a "terminal\t'For people'
json\t'For programs'"
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l timeout -d 'Time limit of all looks and probes together: 10s, 2m; a look takes 5s at most, a probe 60s or the backend\'s own timeout' -r
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l team -d 'Team, instead of detecting one' -r
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l backend -d 'Ask these backends alone (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l probe -d 'Ask each backend one question of one token, which may cost a little; without it nothing is asked and nothing is paid'
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -l offline -d 'Ask only what needs no network: rules, servers on this machine, backends marked local'
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -f -a "create" -d 'Make a baseline of a run\'s findings: llmux diff --format json | llmux baseline create -'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -f -a "update" -d 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -f -a "show" -d 'Show the entries of a baseline'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and not __fish_seen_subcommand_from create update show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l file -d 'The baseline, instead of the configured one in the work tree' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l reason -d 'Why the new entries may stay' -r
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l author -d 'Who says so' -r
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l unconfirmed -d 'Enter findings with too few votes too'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -l force -d 'Write over a baseline that is there, with the reasons in it'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -l file -d 'The baseline, instead of the configured one in the work tree' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -l reason -d 'Why the new entries may stay' -r
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -l author -d 'Who says so' -r
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -l unconfirmed -d 'Enter findings with too few votes too'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from show" -l format -d 'How: terminal, json' -r -f -a "terminal\t'For people'
json\t'For programs: the file as it would be written'"
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from show" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from show" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make a baseline of a run\'s findings: llmux diff --format json | llmux baseline create -'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "update" -d 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the entries of a baseline'
complete -c llmux -n "__fish_llmux_using_subcommand baseline; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -f -a "real" -d 'Record that a finding is real'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -f -a "false" -d 'Record that a finding is not real'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -f -a "import" -d 'Record what was said of GitHub\'s code scanning alerts: gh api --paginate \'repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed\' | llmux feedback import -'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -f -a "list" -d 'Show what was recorded, the newest first'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -f -a "remove" -d 'Take back what was recorded of a finding'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and not __fish_seen_subcommand_from real false import list remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -l fingerprint -d 'The finding\'s fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -l reason -d 'Why' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -l author -d 'Who says so' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from real" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -l fingerprint -d 'The finding\'s fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -l reason -d 'Why' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -l author -d 'Who says so' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from false" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from import" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from import" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from import" -l fixed-is-real -d 'An alert that was fixed was real; without it, fixed alerts are left out'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from import" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from list" -l format -d 'How: terminal, json (docs/feedback.md)' -r -f -a "terminal\t'For people'
json\t'For programs: the file as it would be written'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from list" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from remove" -l fingerprint -d 'As in `real`' -r
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from remove" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from help" -f -a "real" -d 'Record that a finding is real'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from help" -f -a "false" -d 'Record that a finding is not real'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from help" -f -a "import" -d 'Record what was said of GitHub\'s code scanning alerts: gh api --paginate \'repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed\' | llmux feedback import -'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show what was recorded, the newest first'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take back what was recorded of a finding'
complete -c llmux -n "__fish_llmux_using_subcommand feedback; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l goldens -d 'The list of known issues, for recall; without it, those that some record matches (repeatable)' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l clusters -d 'Write which record is in which finding, one line of JSON each; - is standard output' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l report -d 'Write a report: json, markdown, html; to standard output without =PATH (repeatable; default: markdown)' -r
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l write-priors -d 'Write what the data teach of the backends, for vote.priors of the configuration; - is standard output' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l tools -d 'Only what these tools said' -r
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l folds -d 'Parts that the pull requests are divided into for cross-validation' -r
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand eval" -l common-record -d 'Learn one record for all backends together, for those that the data do not name'
complete -c llmux -n "__fish_llmux_using_subcommand eval" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand eval" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand eval" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l since -d 'From when on: a span back from now such as 12h or 30d, which from 1d on begins at midnight, or a day such as 2026-11-01 (UTC)' -r
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l until -d 'Until when: a span back from now, or a day, which is counted in; without: until now' -r
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l project -d 'Of this project of the store; without: of the present one' -r
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l by -d 'Tables by backend, role, team, day (repeatable; default: all)' -r -f -a "backend\t'By the backend that was asked'
role\t'By the role in which it was asked'
team\t'By the team of the run'
day\t'By day, in UTC'"
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l format -d 'How: terminal, json (docs/stats.md), html (one page with charts); default: terminal, or nothing where --prometheus is given alone' -r -f -a "terminal\t'For people'
json\t'For programs'
html\t'A page that needs nothing else'"
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l output -d 'Where to, instead of standard output' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l prometheus -d 'Write counters of the whole store, every project and all time, for the textfile collector of Prometheus\' node exporter; its name must end in .prom there' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand stats" -l all-projects -d 'Of all projects of the store together'
complete -c llmux -n "__fish_llmux_using_subcommand stats" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand stats" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -f -a "show" -d 'Print the merged configuration as TOML'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -f -a "schema" -d 'Print the JSON Schema of configuration files, for editors'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -f -a "reference" -d 'Print the reference of all keys as Markdown (docs/config.md)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and not __fish_seen_subcommand_from show schema reference help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say after each value where it comes from'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from schema" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from schema" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from reference" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from reference" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from reference" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from reference" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the merged configuration as TOML'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of configuration files, for editors'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "reference" -d 'Print the reference of all keys as Markdown (docs/config.md)'
complete -c llmux -n "__fish_llmux_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand completions" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand completions" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand completions" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand man" -l out -d 'Write the pages of all commands into this folder: llmux.1, llmux-diff.1, …' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand man" -l config -d 'Project configuration, instead of .llmux/config.toml' -r -F
complete -c llmux -n "__fish_llmux_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c llmux -n "__fish_llmux_using_subcommand man" -l markdown -d 'Print the reference of all commands as Markdown (docs/cli.md)'
complete -c llmux -n "__fish_llmux_using_subcommand man" -s q -l quiet -d 'No progress, no notices'
complete -c llmux -n "__fish_llmux_using_subcommand man" -s v -l verbose -d 'Log what happens (-vv: more)'
complete -c llmux -n "__fish_llmux_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "diff" -d 'Review a change: a range, the index, the work tree, or a patch'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "review" -d 'Review a pull request, and post the review there'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "run" -d 'Run any workflow file over a change'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "runs" -d 'List the runs of this project that the store knows'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "replay" -d 'Vote, gate and report a run again, with no call'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "merge" -d 'Join the parts of a run in shards into the report that one run gives'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "doctor" -d 'Say which backends, teams and tools answer, and why not'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "baseline" -d 'Keep the findings that a project lives with: they do not count any more'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "feedback" -d 'Say which findings are real and which are not: runs learn from it'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "eval" -d 'Measure merging, votes and backends by recorded findings with answers'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "stats" -d 'Tell what calls cost and how long they took, and what came of findings'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "config" -d 'Show the configuration in force, or all that can be configured'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "completions" -d 'Print completions for a shell'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "man" -d 'Print the manual page, or write those of all commands'
complete -c llmux -n "__fish_llmux_using_subcommand help; and not __fish_seen_subcommand_from diff review run runs replay merge doctor baseline feedback eval stats config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from baseline" -f -a "create" -d 'Make a baseline of a run\'s findings: llmux diff --format json | llmux baseline create -'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from baseline" -f -a "update" -d 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from baseline" -f -a "show" -d 'Show the entries of a baseline'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from feedback" -f -a "real" -d 'Record that a finding is real'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from feedback" -f -a "false" -d 'Record that a finding is not real'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from feedback" -f -a "import" -d 'Record what was said of GitHub\'s code scanning alerts: gh api --paginate \'repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed\' | llmux feedback import -'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from feedback" -f -a "list" -d 'Show what was recorded, the newest first'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from feedback" -f -a "remove" -d 'Take back what was recorded of a finding'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print the merged configuration as TOML'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of configuration files, for editors'
complete -c llmux -n "__fish_llmux_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "reference" -d 'Print the reference of all keys as Markdown (docs/config.md)'
