
use builtin;
use str;

set edit:completion:arg-completer[llmux] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'llmux'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'llmux'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand diff 'Review a change: a range, the index, the work tree, or a patch'
            cand review 'Review a pull request, and post the review there'
            cand run 'Run any workflow file over a change'
            cand runs 'List the runs of this project that the store knows'
            cand replay 'Vote, gate and report a run again, with no call'
            cand merge 'Join the parts of a run in shards into the report that one run gives'
            cand doctor 'Say which backends, teams and tools answer, and why not'
            cand baseline 'Keep the findings that a project lives with: they do not count any more'
            cand feedback 'Say which findings are real and which are not: runs learn from it'
            cand eval 'Measure merging, votes and backends by recorded findings with answers'
            cand stats 'Tell what calls cost and how long they took, and what came of findings'
            cand config 'Show the configuration in force, or all that can be configured'
            cand completions 'Print completions for a shell'
            cand man 'Print the manual page, or write those of all commands'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;diff'= {
            cand --patch 'A unified diff; - is standard input'
            cand --include 'Review only paths that match (repeatable)'
            cand --exclude 'Leave out paths that match (repeatable)'
            cand --report 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)'
            cand --format 'The same as --report FORMAT'
            cand --fail-on 'Lowest severity of a confirmed finding that blocks'
            cand --threshold 'Votes that confirm a finding: a number, a share such as 50%, or auto'
            cand --baseline 'Findings in this file do not count; without: baseline.file of the commit that the change starts from'
            cand --baseline-rev 'Findings that this revision has already do not count'
            cand --previous 'The JSON report of the run before: tells new, still there, fixed'
            cand --team 'Team, instead of detecting one'
            cand --backend 'Ask these backends alone (repeatable)'
            cand --timeout 'Time limit of the whole run: 90s, 10m'
            cand --budget 'US dollars that the run may cost at most'
            cand --part 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`'
            cand --shard 'Read only this shard''s packets, of so many shards; `llmux merge` joins their parts'
            cand --refresh 'Ask again although the tape has the answer: all, or only what failed'
            cand --record 'Keep each reply in this folder'
            cand --replay 'Answer each call from this folder; make no call'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --staged 'HEAD against the index, as a commit hook sees it'
            cand --pre-push 'What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`'
            cand --worktree 'The index against the work tree'
            cand --allow-incomplete 'Let an incomplete run pass with a warning'
            cand --offline 'Ask only what needs no network: rules, servers on this machine, backends marked local'
            cand --dry-run 'Print the plan (files, packets, calls, tokens, highest cost) and make no call'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;review'= {
            cand --post 'What is posted: a summary and comments on lines, the summary alone, or nothing'
            cand --from 'Ask no model: tell and post what this part file says, which another job wrote with --part; needs no clone (repeatable, for all shards of a run)'
            cand --include 'Review only paths that match (repeatable)'
            cand --exclude 'Leave out paths that match (repeatable)'
            cand --report 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)'
            cand --format 'The same as --report FORMAT'
            cand --fail-on 'Lowest severity of a confirmed finding that blocks'
            cand --threshold 'Votes that confirm a finding: a number, a share such as 50%, or auto'
            cand --baseline 'Findings in this file do not count; without: baseline.file of the commit that the change starts from'
            cand --baseline-rev 'Findings that this revision has already do not count'
            cand --previous 'The JSON report of the run before: tells new, still there, fixed'
            cand --team 'Team, instead of detecting one'
            cand --backend 'Ask these backends alone (repeatable)'
            cand --timeout 'Time limit of the whole run: 90s, 10m'
            cand --budget 'US dollars that the run may cost at most'
            cand --part 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`'
            cand --shard 'Read only this shard''s packets, of so many shards; `llmux merge` joins their parts'
            cand --refresh 'Ask again although the tape has the answer: all, or only what failed'
            cand --record 'Keep each reply in this folder'
            cand --replay 'Answer each call from this folder; make no call'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --allow-incomplete 'Let an incomplete run pass with a warning'
            cand --offline 'Ask only what needs no network: rules, servers on this machine, backends marked local'
            cand --dry-run 'Print the plan (files, packets, calls, tokens, highest cost) and make no call'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;run'= {
            cand --arg 'Values for `args` in the workflow''s templates'
            cand --patch 'A unified diff; - is standard input'
            cand --include 'Review only paths that match (repeatable)'
            cand --exclude 'Leave out paths that match (repeatable)'
            cand --report 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)'
            cand --format 'The same as --report FORMAT'
            cand --fail-on 'Lowest severity of a confirmed finding that blocks'
            cand --threshold 'Votes that confirm a finding: a number, a share such as 50%, or auto'
            cand --baseline 'Findings in this file do not count; without: baseline.file of the commit that the change starts from'
            cand --baseline-rev 'Findings that this revision has already do not count'
            cand --previous 'The JSON report of the run before: tells new, still there, fixed'
            cand --team 'Team, instead of detecting one'
            cand --backend 'Ask these backends alone (repeatable)'
            cand --timeout 'Time limit of the whole run: 90s, 10m'
            cand --budget 'US dollars that the run may cost at most'
            cand --part 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`'
            cand --shard 'Read only this shard''s packets, of so many shards; `llmux merge` joins their parts'
            cand --refresh 'Ask again although the tape has the answer: all, or only what failed'
            cand --record 'Keep each reply in this folder'
            cand --replay 'Answer each call from this folder; make no call'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --staged 'HEAD against the index, as a commit hook sees it'
            cand --pre-push 'What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`'
            cand --worktree 'The index against the work tree'
            cand --allow-incomplete 'Let an incomplete run pass with a warning'
            cand --offline 'Ask only what needs no network: rules, servers on this machine, backends marked local'
            cand --dry-run 'Print the plan (files, packets, calls, tokens, highest cost) and make no call'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;runs'= {
            cand --limit 'How many, the newest first'
            cand --format 'How: terminal, json'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --all-projects 'Those of all projects'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;replay'= {
            cand --report 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)'
            cand --format 'The same as --report FORMAT'
            cand --fail-on 'Lowest severity of a confirmed finding that blocks'
            cand --threshold 'Votes that confirm a finding: a number, a share such as 50%, or auto'
            cand --baseline 'Findings in this file do not count; without: baseline.file of the commit that the change starts from'
            cand --baseline-rev 'Findings that this revision has already do not count'
            cand --previous 'The JSON report of the run before: tells new, still there, fixed'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --allow-incomplete 'Let an incomplete run pass with a warning'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;merge'= {
            cand --timeout 'Time limit of what is asked now: 90s, 10m'
            cand --budget 'US dollars that all parts and what is asked now may cost at most'
            cand --part 'Write the joined run as one part file, for `llmux review --from`'
            cand --report 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)'
            cand --format 'The same as --report FORMAT'
            cand --fail-on 'Lowest severity of a confirmed finding that blocks'
            cand --threshold 'Votes that confirm a finding: a number, a share such as 50%, or auto'
            cand --baseline 'Findings in this file do not count; without: baseline.file of the commit that the change starts from'
            cand --baseline-rev 'Findings that this revision has already do not count'
            cand --previous 'The JSON report of the run before: tells new, still there, fixed'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --offline 'Ask nobody: what no part was told (refutation, summary) is missing'
            cand --allow-incomplete 'Let an incomplete run pass with a warning'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;doctor'= {
            cand --workflow 'The workflow whose crews are formed: a file, or the name of one (project, user, built-in)'
            cand --format 'How the answer is written: terminal, json (docs/doctor.md)'
            cand --timeout 'Time limit of all looks and probes together: 10s, 2m; a look takes 5s at most, a probe 60s or the backend''s own timeout'
            cand --team 'Team, instead of detecting one'
            cand --backend 'Ask these backends alone (repeatable)'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --probe 'Ask each backend one question of one token, which may cost a little; without it nothing is asked and nothing is paid'
            cand --offline 'Ask only what needs no network: rules, servers on this machine, backends marked local'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;baseline'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand create 'Make a baseline of a run''s findings: llmux diff --format json | llmux baseline create -'
            cand update 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay'
            cand show 'Show the entries of a baseline'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;baseline;create'= {
            cand --file 'The baseline, instead of the configured one in the work tree'
            cand --reason 'Why the new entries may stay'
            cand --author 'Who says so'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --unconfirmed 'Enter findings with too few votes too'
            cand --force 'Write over a baseline that is there, with the reasons in it'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;baseline;update'= {
            cand --file 'The baseline, instead of the configured one in the work tree'
            cand --reason 'Why the new entries may stay'
            cand --author 'Who says so'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --unconfirmed 'Enter findings with too few votes too'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;baseline;show'= {
            cand --format 'How: terminal, json'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;baseline;help'= {
            cand create 'Make a baseline of a run''s findings: llmux diff --format json | llmux baseline create -'
            cand update 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay'
            cand show 'Show the entries of a baseline'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;baseline;help;create'= {
        }
        &'llmux;baseline;help;update'= {
        }
        &'llmux;baseline;help;show'= {
        }
        &'llmux;baseline;help;help'= {
        }
        &'llmux;feedback'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand real 'Record that a finding is real'
            cand false 'Record that a finding is not real'
            cand import 'Record what was said of GitHub''s code scanning alerts: gh api --paginate ''repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed'' | llmux feedback import -'
            cand list 'Show what was recorded, the newest first'
            cand remove 'Take back what was recorded of a finding'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;feedback;real'= {
            cand --fingerprint 'The finding''s fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)'
            cand --reason 'Why'
            cand --author 'Who says so'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;feedback;false'= {
            cand --fingerprint 'The finding''s fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)'
            cand --reason 'Why'
            cand --author 'Who says so'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;feedback;import'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --fixed-is-real 'An alert that was fixed was real; without it, fixed alerts are left out'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;feedback;list'= {
            cand --format 'How: terminal, json (docs/feedback.md)'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;feedback;remove'= {
            cand --fingerprint 'As in `real`'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;feedback;help'= {
            cand real 'Record that a finding is real'
            cand false 'Record that a finding is not real'
            cand import 'Record what was said of GitHub''s code scanning alerts: gh api --paginate ''repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed'' | llmux feedback import -'
            cand list 'Show what was recorded, the newest first'
            cand remove 'Take back what was recorded of a finding'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;feedback;help;real'= {
        }
        &'llmux;feedback;help;false'= {
        }
        &'llmux;feedback;help;import'= {
        }
        &'llmux;feedback;help;list'= {
        }
        &'llmux;feedback;help;remove'= {
        }
        &'llmux;feedback;help;help'= {
        }
        &'llmux;eval'= {
            cand --goldens 'The list of known issues, for recall; without it, those that some record matches (repeatable)'
            cand --clusters 'Write which record is in which finding, one line of JSON each; - is standard output'
            cand --report 'Write a report: json, markdown, html; to standard output without =PATH (repeatable; default: markdown)'
            cand --write-priors 'Write what the data teach of the backends, for vote.priors of the configuration; - is standard output'
            cand --tools 'Only what these tools said'
            cand --folds 'Parts that the pull requests are divided into for cross-validation'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --common-record 'Learn one record for all backends together, for those that the data do not name'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;stats'= {
            cand --since 'From when on: a span back from now such as 12h or 30d, which from 1d on begins at midnight, or a day such as 2026-11-01 (UTC)'
            cand --until 'Until when: a span back from now, or a day, which is counted in; without: until now'
            cand --project 'Of this project of the store; without: of the present one'
            cand --by 'Tables by backend, role, team, day (repeatable; default: all)'
            cand --format 'How: terminal, json (docs/stats.md), html (one page with charts); default: terminal, or nothing where --prometheus is given alone'
            cand --output 'Where to, instead of standard output'
            cand --prometheus 'Write counters of the whole store, every project and all time, for the textfile collector of Prometheus'' node exporter; its name must end in .prom there'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --all-projects 'Of all projects of the store together'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;config'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Print the merged configuration as TOML'
            cand schema 'Print the JSON Schema of configuration files, for editors'
            cand reference 'Print the reference of all keys as Markdown (docs/config.md)'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;config;show'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --origin 'Say after each value where it comes from'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;config;schema'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;config;reference'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;config;help'= {
            cand show 'Print the merged configuration as TOML'
            cand schema 'Print the JSON Schema of configuration files, for editors'
            cand reference 'Print the reference of all keys as Markdown (docs/config.md)'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;config;help;show'= {
        }
        &'llmux;config;help;schema'= {
        }
        &'llmux;config;help;reference'= {
        }
        &'llmux;config;help;help'= {
        }
        &'llmux;completions'= {
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;man'= {
            cand --out 'Write the pages of all commands into this folder: llmux.1, llmux-diff.1, …'
            cand --config 'Project configuration, instead of .llmux/config.toml'
            cand --color 'When to use colour'
            cand --markdown 'Print the reference of all commands as Markdown (docs/cli.md)'
            cand -q 'No progress, no notices'
            cand --quiet 'No progress, no notices'
            cand -v 'Log what happens (-vv: more)'
            cand --verbose 'Log what happens (-vv: more)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'llmux;help'= {
            cand diff 'Review a change: a range, the index, the work tree, or a patch'
            cand review 'Review a pull request, and post the review there'
            cand run 'Run any workflow file over a change'
            cand runs 'List the runs of this project that the store knows'
            cand replay 'Vote, gate and report a run again, with no call'
            cand merge 'Join the parts of a run in shards into the report that one run gives'
            cand doctor 'Say which backends, teams and tools answer, and why not'
            cand baseline 'Keep the findings that a project lives with: they do not count any more'
            cand feedback 'Say which findings are real and which are not: runs learn from it'
            cand eval 'Measure merging, votes and backends by recorded findings with answers'
            cand stats 'Tell what calls cost and how long they took, and what came of findings'
            cand config 'Show the configuration in force, or all that can be configured'
            cand completions 'Print completions for a shell'
            cand man 'Print the manual page, or write those of all commands'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'llmux;help;diff'= {
        }
        &'llmux;help;review'= {
        }
        &'llmux;help;run'= {
        }
        &'llmux;help;runs'= {
        }
        &'llmux;help;replay'= {
        }
        &'llmux;help;merge'= {
        }
        &'llmux;help;doctor'= {
        }
        &'llmux;help;baseline'= {
            cand create 'Make a baseline of a run''s findings: llmux diff --format json | llmux baseline create -'
            cand update 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay'
            cand show 'Show the entries of a baseline'
        }
        &'llmux;help;baseline;create'= {
        }
        &'llmux;help;baseline;update'= {
        }
        &'llmux;help;baseline;show'= {
        }
        &'llmux;help;feedback'= {
            cand real 'Record that a finding is real'
            cand false 'Record that a finding is not real'
            cand import 'Record what was said of GitHub''s code scanning alerts: gh api --paginate ''repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed'' | llmux feedback import -'
            cand list 'Show what was recorded, the newest first'
            cand remove 'Take back what was recorded of a finding'
        }
        &'llmux;help;feedback;real'= {
        }
        &'llmux;help;feedback;false'= {
        }
        &'llmux;help;feedback;import'= {
        }
        &'llmux;help;feedback;list'= {
        }
        &'llmux;help;feedback;remove'= {
        }
        &'llmux;help;eval'= {
        }
        &'llmux;help;stats'= {
        }
        &'llmux;help;config'= {
            cand show 'Print the merged configuration as TOML'
            cand schema 'Print the JSON Schema of configuration files, for editors'
            cand reference 'Print the reference of all keys as Markdown (docs/config.md)'
        }
        &'llmux;help;config;show'= {
        }
        &'llmux;help;config;schema'= {
        }
        &'llmux;help;config;reference'= {
        }
        &'llmux;help;completions'= {
        }
        &'llmux;help;man'= {
        }
        &'llmux;help;help'= {
        }
    ]
    $completions[$command]
}
