// Figures as a table that can be pasted.
export function report(title: string, rows: Record<string, string | number>[]): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, names.map(() => "---"), ...rows.map((row) => names.map((name) => String(row[name] ?? "–")))];
  console.log(`\n${title}\n\n${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`);
}

/** Where pictures go. */
export const FOLDER = process.env["SCREENSHOTS"] ?? ".next/screenshots";
