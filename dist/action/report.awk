# Reads from llmux' JSON report what the action gives out, as NAME=VALUE lines. A runner need not
# have jq. The report is indented by two spaces a level, and a line break inside a text is written
# as \n: so a line that begins like a field of a level is one.

BEGIN {
    split("note low medium high critical", names, " ")
    for (place in names) rank[names[place]] = place
    rank["never"] = 99
    known = 0; findings = 0; answered = 0; taped = 0; other = 0; cost = 0
}

# The value after the colon, without quotes and comma.
function value(line) {
    sub(/^ *"[a-z_]+": /, "", line)
    sub(/,$/, "", line)
    gsub(/"/, "", line)
    return line
}

{ sub(/\r$/, "") }
/^  "[a-z_]+": / { section = $0; sub(/^  "/, "", section); sub(/".*/, "", section) }
/^  "verdict": "[a-z]+",?$/ { verdict = value($0) }
section == "policy" && /^    "fail_on": / { fail_on = value($0) }
section == "policy" && /^    "allow_incomplete": / { allowed = value($0) }
section == "findings" && /^    \{$/ { findings += 1 }
section == "findings" && /^      "severity": / { severities[findings] = value($0) }
# The built-in rules answer anew each time, at no cost.
section == "backends" && /^      "name": / { is_asked = value($0) != "rules" }
section == "backends" && is_asked && /^      "answered": / { answered += value($0) }
section == "backends" && is_asked && /^      "taped": / { taped += value($0) }
section == "backends" && /^      "failed": / { other += value($0) }
section == "backends" && /^      "cost_usd": [0-9]/ { cost += value($0); known = 1 }

END {
    if (verdict == "" || !(fail_on in rank)) exit
    blocking = 0
    for (number in severities) {
        if (!(severities[number] in rank)) exit
        if (rank[severities[number]] >= rank[fail_on]) blocking += 1
    }
    print "verdict=" verdict
    print "allowed=" allowed
    print "findings=" findings
    print "blocking=" blocking
    # Nothing where no backend told a price: that is not nothing paid.
    print "cost=" (known ? sprintf("%.6f", cost) : "")
    print "calls=" (answered - taped + other)
}
