
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'llmux' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'llmux'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'llmux' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Review a change: a range, the index, the work tree, or a patch')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Review a pull request, and post the review there')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run any workflow file over a change')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'List the runs of this project that the store knows')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Vote, gate and report a run again, with no call')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Join the parts of a run in shards into the report that one run gives')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Say which backends, teams and tools answer, and why not')
            [CompletionResult]::new('baseline', 'baseline', [CompletionResultType]::ParameterValue, 'Keep the findings that a project lives with: they do not count any more')
            [CompletionResult]::new('feedback', 'feedback', [CompletionResultType]::ParameterValue, 'Say which findings are real and which are not: runs learn from it')
            [CompletionResult]::new('eval', 'eval', [CompletionResultType]::ParameterValue, 'Measure merging, votes and backends by recorded findings with answers')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Tell what calls cost and how long they took, and what came of findings')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the configuration in force, or all that can be configured')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write those of all commands')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;diff' {
            [CompletionResult]::new('--patch', '--patch', [CompletionResultType]::ParameterName, 'A unified diff; - is standard input')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Review only paths that match (repeatable)')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out paths that match (repeatable)')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The same as --report FORMAT')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity of a confirmed finding that blocks')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Votes that confirm a finding: a number, a share such as 50%, or auto')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings in this file do not count; without: baseline.file of the commit that the change starts from')
            [CompletionResult]::new('--baseline-rev', '--baseline-rev', [CompletionResultType]::ParameterName, 'Findings that this revision has already do not count')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The JSON report of the run before: tells new, still there, fixed')
            [CompletionResult]::new('--team', '--team', [CompletionResultType]::ParameterName, 'Team, instead of detecting one')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'Ask these backends alone (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of the whole run: 90s, 10m')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'US dollars that the run may cost at most')
            [CompletionResult]::new('--part', '--part', [CompletionResultType]::ParameterName, 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Read only this shard''s packets, of so many shards; `llmux merge` joins their parts')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Ask again although the tape has the answer: all, or only what failed')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Keep each reply in this folder')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer each call from this folder; make no call')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'HEAD against the index, as a commit hook sees it')
            [CompletionResult]::new('--pre-push', '--pre-push', [CompletionResultType]::ParameterName, 'What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'The index against the work tree')
            [CompletionResult]::new('--allow-incomplete', '--allow-incomplete', [CompletionResultType]::ParameterName, 'Let an incomplete run pass with a warning')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask only what needs no network: rules, servers on this machine, backends marked local')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the plan (files, packets, calls, tokens, highest cost) and make no call')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;review' {
            [CompletionResult]::new('--post', '--post', [CompletionResultType]::ParameterName, 'What is posted: a summary and comments on lines, the summary alone, or nothing')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Ask no model: tell and post what this part file says, which another job wrote with --part; needs no clone (repeatable, for all shards of a run)')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Review only paths that match (repeatable)')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out paths that match (repeatable)')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The same as --report FORMAT')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity of a confirmed finding that blocks')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Votes that confirm a finding: a number, a share such as 50%, or auto')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings in this file do not count; without: baseline.file of the commit that the change starts from')
            [CompletionResult]::new('--baseline-rev', '--baseline-rev', [CompletionResultType]::ParameterName, 'Findings that this revision has already do not count')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The JSON report of the run before: tells new, still there, fixed')
            [CompletionResult]::new('--team', '--team', [CompletionResultType]::ParameterName, 'Team, instead of detecting one')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'Ask these backends alone (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of the whole run: 90s, 10m')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'US dollars that the run may cost at most')
            [CompletionResult]::new('--part', '--part', [CompletionResultType]::ParameterName, 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Read only this shard''s packets, of so many shards; `llmux merge` joins their parts')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Ask again although the tape has the answer: all, or only what failed')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Keep each reply in this folder')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer each call from this folder; make no call')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--allow-incomplete', '--allow-incomplete', [CompletionResultType]::ParameterName, 'Let an incomplete run pass with a warning')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask only what needs no network: rules, servers on this machine, backends marked local')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the plan (files, packets, calls, tokens, highest cost) and make no call')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;run' {
            [CompletionResult]::new('--arg', '--arg', [CompletionResultType]::ParameterName, 'Values for `args` in the workflow''s templates')
            [CompletionResult]::new('--patch', '--patch', [CompletionResultType]::ParameterName, 'A unified diff; - is standard input')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Review only paths that match (repeatable)')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out paths that match (repeatable)')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The same as --report FORMAT')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity of a confirmed finding that blocks')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Votes that confirm a finding: a number, a share such as 50%, or auto')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings in this file do not count; without: baseline.file of the commit that the change starts from')
            [CompletionResult]::new('--baseline-rev', '--baseline-rev', [CompletionResultType]::ParameterName, 'Findings that this revision has already do not count')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The JSON report of the run before: tells new, still there, fixed')
            [CompletionResult]::new('--team', '--team', [CompletionResultType]::ParameterName, 'Team, instead of detecting one')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'Ask these backends alone (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of the whole run: 90s, 10m')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'US dollars that the run may cost at most')
            [CompletionResult]::new('--part', '--part', [CompletionResultType]::ParameterName, 'Write down all that is needed to tell this run again on another machine, for `llmux merge` and `llmux review --from`')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Read only this shard''s packets, of so many shards; `llmux merge` joins their parts')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Ask again although the tape has the answer: all, or only what failed')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Keep each reply in this folder')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer each call from this folder; make no call')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'HEAD against the index, as a commit hook sees it')
            [CompletionResult]::new('--pre-push', '--pre-push', [CompletionResultType]::ParameterName, 'What a push brings, as pre-commit tells it: from `PRE_COMMIT_FROM_REF` to `PRE_COMMIT_TO_REF`')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'The index against the work tree')
            [CompletionResult]::new('--allow-incomplete', '--allow-incomplete', [CompletionResultType]::ParameterName, 'Let an incomplete run pass with a warning')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask only what needs no network: rules, servers on this machine, backends marked local')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the plan (files, packets, calls, tokens, highest cost) and make no call')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;runs' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many, the newest first')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How: terminal, json')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all-projects', '--all-projects', [CompletionResultType]::ParameterName, 'Those of all projects')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;replay' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The same as --report FORMAT')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity of a confirmed finding that blocks')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Votes that confirm a finding: a number, a share such as 50%, or auto')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings in this file do not count; without: baseline.file of the commit that the change starts from')
            [CompletionResult]::new('--baseline-rev', '--baseline-rev', [CompletionResultType]::ParameterName, 'Findings that this revision has already do not count')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The JSON report of the run before: tells new, still there, fixed')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--allow-incomplete', '--allow-incomplete', [CompletionResultType]::ParameterName, 'Let an incomplete run pass with a warning')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;merge' {
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of what is asked now: 90s, 10m')
            [CompletionResult]::new('--budget', '--budget', [CompletionResultType]::ParameterName, 'US dollars that all parts and what is asked now may cost at most')
            [CompletionResult]::new('--part', '--part', [CompletionResultType]::ParameterName, 'Write the joined run as one part file, for `llmux review --from`')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: terminal, markdown, sarif, junit, json, github, gitlab, rdjsonl, html; to standard output without =PATH (repeatable)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The same as --report FORMAT')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity of a confirmed finding that blocks')
            [CompletionResult]::new('--threshold', '--threshold', [CompletionResultType]::ParameterName, 'Votes that confirm a finding: a number, a share such as 50%, or auto')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings in this file do not count; without: baseline.file of the commit that the change starts from')
            [CompletionResult]::new('--baseline-rev', '--baseline-rev', [CompletionResultType]::ParameterName, 'Findings that this revision has already do not count')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The JSON report of the run before: tells new, still there, fixed')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask nobody: what no part was told (refutation, summary) is missing')
            [CompletionResult]::new('--allow-incomplete', '--allow-incomplete', [CompletionResultType]::ParameterName, 'Let an incomplete run pass with a warning')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;doctor' {
            [CompletionResult]::new('--workflow', '--workflow', [CompletionResultType]::ParameterName, 'The workflow whose crews are formed: a file, or the name of one (project, user, built-in)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the answer is written: terminal, json (docs/doctor.md)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of all looks and probes together: 10s, 2m; a look takes 5s at most, a probe 60s or the backend''s own timeout')
            [CompletionResult]::new('--team', '--team', [CompletionResultType]::ParameterName, 'Team, instead of detecting one')
            [CompletionResult]::new('--backend', '--backend', [CompletionResultType]::ParameterName, 'Ask these backends alone (repeatable)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--probe', '--probe', [CompletionResultType]::ParameterName, 'Ask each backend one question of one token, which may cost a little; without it nothing is asked and nothing is paid')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask only what needs no network: rules, servers on this machine, backends marked local')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;baseline' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a baseline of a run''s findings: llmux diff --format json | llmux baseline create -')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the entries of a baseline')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;baseline;create' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The baseline, instead of the configured one in the work tree')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why the new entries may stay')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Who says so')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--unconfirmed', '--unconfirmed', [CompletionResultType]::ParameterName, 'Enter findings with too few votes too')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over a baseline that is there, with the reasons in it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;baseline;update' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The baseline, instead of the configured one in the work tree')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why the new entries may stay')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Who says so')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--unconfirmed', '--unconfirmed', [CompletionResultType]::ParameterName, 'Enter findings with too few votes too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;baseline;show' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How: terminal, json')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;baseline;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a baseline of a run''s findings: llmux diff --format json | llmux baseline create -')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the entries of a baseline')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;baseline;help;create' {
            break
        }
        'llmux;baseline;help;update' {
            break
        }
        'llmux;baseline;help;show' {
            break
        }
        'llmux;baseline;help;help' {
            break
        }
        'llmux;feedback' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('real', 'real', [CompletionResultType]::ParameterValue, 'Record that a finding is real')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'Record that a finding is not real')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Record what was said of GitHub''s code scanning alerts: gh api --paginate ''repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed'' | llmux feedback import -')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what was recorded, the newest first')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take back what was recorded of a finding')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;feedback;real' {
            [CompletionResult]::new('--fingerprint', '--fingerprint', [CompletionResultType]::ParameterName, 'The finding''s fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Who says so')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;feedback;false' {
            [CompletionResult]::new('--fingerprint', '--fingerprint', [CompletionResultType]::ParameterName, 'The finding''s fingerprint in the JSON or SARIF report, or its first 8 characters and more (repeatable)')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Who says so')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;feedback;import' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--fixed-is-real', '--fixed-is-real', [CompletionResultType]::ParameterName, 'An alert that was fixed was real; without it, fixed alerts are left out')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;feedback;list' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How: terminal, json (docs/feedback.md)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;feedback;remove' {
            [CompletionResult]::new('--fingerprint', '--fingerprint', [CompletionResultType]::ParameterName, 'As in `real`')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;feedback;help' {
            [CompletionResult]::new('real', 'real', [CompletionResultType]::ParameterValue, 'Record that a finding is real')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'Record that a finding is not real')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Record what was said of GitHub''s code scanning alerts: gh api --paginate ''repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed'' | llmux feedback import -')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what was recorded, the newest first')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take back what was recorded of a finding')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;feedback;help;real' {
            break
        }
        'llmux;feedback;help;false' {
            break
        }
        'llmux;feedback;help;import' {
            break
        }
        'llmux;feedback;help;list' {
            break
        }
        'llmux;feedback;help;remove' {
            break
        }
        'llmux;feedback;help;help' {
            break
        }
        'llmux;eval' {
            [CompletionResult]::new('--goldens', '--goldens', [CompletionResultType]::ParameterName, 'The list of known issues, for recall; without it, those that some record matches (repeatable)')
            [CompletionResult]::new('--clusters', '--clusters', [CompletionResultType]::ParameterName, 'Write which record is in which finding, one line of JSON each; - is standard output')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report: json, markdown, html; to standard output without =PATH (repeatable; default: markdown)')
            [CompletionResult]::new('--write-priors', '--write-priors', [CompletionResultType]::ParameterName, 'Write what the data teach of the backends, for vote.priors of the configuration; - is standard output')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Only what these tools said')
            [CompletionResult]::new('--folds', '--folds', [CompletionResultType]::ParameterName, 'Parts that the pull requests are divided into for cross-validation')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--common-record', '--common-record', [CompletionResultType]::ParameterName, 'Learn one record for all backends together, for those that the data do not name')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;stats' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'From when on: a span back from now such as 12h or 30d, which from 1d on begins at midnight, or a day such as 2026-11-01 (UTC)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Until when: a span back from now, or a day, which is counted in; without: until now')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Of this project of the store; without: of the present one')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Tables by backend, role, team, day (repeatable; default: all)')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How: terminal, json (docs/stats.md), html (one page with charts); default: terminal, or nothing where --prometheus is given alone')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where to, instead of standard output')
            [CompletionResult]::new('--prometheus', '--prometheus', [CompletionResultType]::ParameterName, 'Write counters of the whole store, every project and all time, for the textfile collector of Prometheus'' node exporter; its name must end in .prom there')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all-projects', '--all-projects', [CompletionResultType]::ParameterName, 'Of all projects of the store together')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;config' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the merged configuration as TOML')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of configuration files, for editors')
            [CompletionResult]::new('reference', 'reference', [CompletionResultType]::ParameterValue, 'Print the reference of all keys as Markdown (docs/config.md)')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;config;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Say after each value where it comes from')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;config;schema' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;config;reference' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;config;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the merged configuration as TOML')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of configuration files, for editors')
            [CompletionResult]::new('reference', 'reference', [CompletionResultType]::ParameterValue, 'Print the reference of all keys as Markdown (docs/config.md)')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;config;help;show' {
            break
        }
        'llmux;config;help;schema' {
            break
        }
        'llmux;config;help;reference' {
            break
        }
        'llmux;config;help;help' {
            break
        }
        'llmux;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the pages of all commands into this folder: llmux.1, llmux-diff.1, …')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Project configuration, instead of .llmux/config.toml')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'Print the reference of all commands as Markdown (docs/cli.md)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'No progress, no notices')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log what happens (-vv: more)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'llmux;help' {
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Review a change: a range, the index, the work tree, or a patch')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Review a pull request, and post the review there')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run any workflow file over a change')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'List the runs of this project that the store knows')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Vote, gate and report a run again, with no call')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Join the parts of a run in shards into the report that one run gives')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Say which backends, teams and tools answer, and why not')
            [CompletionResult]::new('baseline', 'baseline', [CompletionResultType]::ParameterValue, 'Keep the findings that a project lives with: they do not count any more')
            [CompletionResult]::new('feedback', 'feedback', [CompletionResultType]::ParameterValue, 'Say which findings are real and which are not: runs learn from it')
            [CompletionResult]::new('eval', 'eval', [CompletionResultType]::ParameterValue, 'Measure merging, votes and backends by recorded findings with answers')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Tell what calls cost and how long they took, and what came of findings')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the configuration in force, or all that can be configured')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write those of all commands')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'llmux;help;diff' {
            break
        }
        'llmux;help;review' {
            break
        }
        'llmux;help;run' {
            break
        }
        'llmux;help;runs' {
            break
        }
        'llmux;help;replay' {
            break
        }
        'llmux;help;merge' {
            break
        }
        'llmux;help;doctor' {
            break
        }
        'llmux;help;baseline' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a baseline of a run''s findings: llmux diff --format json | llmux baseline create -')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Bring a baseline up to a run: new findings come, fixed ones go, reasons stay')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the entries of a baseline')
            break
        }
        'llmux;help;baseline;create' {
            break
        }
        'llmux;help;baseline;update' {
            break
        }
        'llmux;help;baseline;show' {
            break
        }
        'llmux;help;feedback' {
            [CompletionResult]::new('real', 'real', [CompletionResultType]::ParameterValue, 'Record that a finding is real')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'Record that a finding is not real')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Record what was said of GitHub''s code scanning alerts: gh api --paginate ''repos/{owner}/{repo}/code-scanning/alerts?tool_name=llmux&state=dismissed'' | llmux feedback import -')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show what was recorded, the newest first')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take back what was recorded of a finding')
            break
        }
        'llmux;help;feedback;real' {
            break
        }
        'llmux;help;feedback;false' {
            break
        }
        'llmux;help;feedback;import' {
            break
        }
        'llmux;help;feedback;list' {
            break
        }
        'llmux;help;feedback;remove' {
            break
        }
        'llmux;help;eval' {
            break
        }
        'llmux;help;stats' {
            break
        }
        'llmux;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the merged configuration as TOML')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of configuration files, for editors')
            [CompletionResult]::new('reference', 'reference', [CompletionResultType]::ParameterValue, 'Print the reference of all keys as Markdown (docs/config.md)')
            break
        }
        'llmux;help;config;show' {
            break
        }
        'llmux;help;config;schema' {
            break
        }
        'llmux;help;config;reference' {
            break
        }
        'llmux;help;completions' {
            break
        }
        'llmux;help;man' {
            break
        }
        'llmux;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
