"""The results as tables: for a terminal, and in Markdown for docs/performance.md. Nothing is measured here."""

HEADINGS = ["workload", "program", "samples/s", "µs/step", "ratio", "goal", "of the peak"]
NAMES = {"nudge": "nudge", "torch": "PyTorch", "sklearn": "scikit-learn", "fann": "FANN", "peak": "bare products"}


def number(value):
    """Three digits that mean something: 1.23, 45.6, 789, 12,345."""
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def verdict(met):
    return "met" if met else "not met"


def goal_text(row):
    parts = []
    if row.get("goal") and "goal_met" in row:
        parts.append(f"≥ {row['goal']:g} ×: {verdict(row['goal_met'])}")
    return "; ".join(parts)


def share_text(row):
    if "share" not in row:
        return ""
    text = f"{100 * row['share']:.0f} %"
    if row.get("share_goal") and "share_met" in row:
        text += f" (≥ {100 * row['share_goal']:.0f} %: {verdict(row['share_met'])})"
    return text


def workload_rows(document):
    """The table's cells: nudge's line has the ratio and the goals, those below it are the peers'."""
    ours = None
    for row in document["workloads"].values():
        title = row["title"]
        programs = row["programs"]
        ours = programs.get("nudge", {}).get("samples_per_second")
        for name, figures in programs.items():
            cells = [title, NAMES[name]]
            title = ""
            if "skipped" in figures:
                yield cells + ["skipped: " + figures["skipped"], "", "", "", ""]
                continue
            speed = figures["samples_per_second"]
            cells += [number(speed), number(1e6 * figures["seconds_per_step"])]
            if name == "nudge":
                cells += [number(row.get("ratio")) + " ×", goal_text(row), share_text(row)]
            else:
                cells += [f"1/{number(ours / speed)}" if ours and name != "peak" else "", "", ""]
            yield cells


def process_lines(document):
    """The whole processes, a sentence each."""
    results = document["process"]
    if "start" in results:
        row = results["start"]
        yield (f"{row['title']}: median {1000 * row['median_seconds']:.1f} ms, best {1000 * row['seconds']:.1f} ms "
               f"(≤ {1000 * row['goal_seconds']:.0f} ms: {verdict(row['goal_met'])})")
    if "memory" in results:
        row = results["memory"]
        yield (f"{row['title']}: {row['megabytes']:.0f} MB (≤ {row['goal_megabytes']:.0f} MB: "
               f"{verdict(row['goal_met'])})")
    for row in results.get("time-to-accuracy", {}).get("targets", []):
        text = f"{row['title']}: mean {row['seconds']:.2f} s (≤ {row['goal_seconds']:g} s: {verdict(row['goal_met'])})"
        if "ratio" in row:
            text += f", {row['ratio']:.1f} × sooner than PyTorch (≥ {row['goal_ratio']:g} ×: {verdict(row['ratio_met'])})"
        yield text + f"; test accuracy {100 * row['accuracy']:.2f} %"
        for peer in row["peers"]:
            yield f"    {peer['title']}: mean {peer['seconds']:.2f} s; test accuracy {100 * peer['accuracy']:.2f} %"


def about_line(document):
    about = document["about"]
    machine = about["machine"]
    return (f"{machine['cpu']}, {machine['cpus']} CPUs ({', '.join(machine['extensions'])}), {about['date']}, "
            f"revision {about['revision']}: best of {about['rounds']} rounds of {about['seconds']:g} s")


def text(document):
    rows = [HEADINGS] + list(workload_rows(document))
    widths = [max(len(row[i]) for row in rows) if i < 2 else max(12, *(len(row[i]) for row in rows if "skipped" not in row[i]))
              for i in range(len(HEADINGS))]
    lines = [about_line(document), ""]
    if len(rows) > 1:
        for row in rows:
            cells = [cell.ljust(width) if i < 2 or i > 4 else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(row, widths))]
            lines.append("  ".join(cells).rstrip())
        lines.append("")
    return "\n".join(lines + list(process_lines(document)))


def configurations(document):
    """Which configuration of each peer was its fastest."""
    for name, row in document["workloads"].items():
        for program, figures in row["programs"].items():
            if program not in ("nudge", "peak") and figures.get("configuration"):
                yield f"- {name}, {NAMES[program]}: {figures['configuration']}"


def markdown(document):
    lines = [about_line(document) + ".", "", "| " + " | ".join(HEADINGS) + " |", "|---|---|--:|--:|--:|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in workload_rows(document)]
    lines += [""] + ["- " + line.strip() for line in process_lines(document)]
    return "\n".join(lines + ["", "The peers' fastest configurations:", ""] + list(configurations(document)))
