"use client";

import { Plus, Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";

import { Badge, Dot, Meter, Tile } from "@/components/badge";
import { Button, IconButton, Segmented } from "@/components/button";
import { Bars } from "@/components/chart/bars";
import { Lines } from "@/components/chart/lines";
import { Field, Input, Select, Switch, TextArea } from "@/components/field";
import { CopyId, Duration, Money, Tokens, When } from "@/components/numbers";
import { MenuItem, Popover } from "@/components/popover";
import { Card, Empty, Page, Problem, Skeleton, Stat } from "@/components/states";
import { DataTable } from "@/components/table";
import { toast } from "@/components/toast";
import { Fault } from "@/lib/api";
import { duration, total } from "@/lib/format";

const TONES = ["neutral", "accent", "good", "warn", "bad"] as const;
const AUTHORS = ["anthropic/a", "openai/b", "google/c", "deepseek/d", "mistralai/e", "x-ai/f", "qwen/g", "sandbox/h"];
const SERIES = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Other"];
const COLOURS = [1, 2, 3, 4, 5, 6, 7, 0];
const DAYS = Array.from({ length: 14 }, (_, day) => ({ label: String(day + 1), title: `Day ${day + 1}`, open: day === 13 }));
const REFUSED = new Fault(
  { reason: "limit_exceeded", message: "12 of 10 requests a minute", blame: "caller", retryable: true, retry_after_ms: 23_000 },
  "7f3c9a52-1d2e",
);

/** Every component in its states: for who changes one, and for the tests that look at pages. No page leads here. */
export function Gallery() {
  const [part, setPart] = useState("one");
  const [on, setOn] = useState(true);
  const [sort, setSort] = useState({ by: "cost", down: true });
  const wave = (series: number) => DAYS.map((_, day) => 3 + series + 2 * Math.sin((day + series) / 2));
  return (
    <Page title="Gallery" note="Components in their states" actions={<Button kind="primary" icon={Plus}>Primary</Button>}>
      <div className="grid gap-4 md:grid-cols-2">
        <Card title="Buttons">
          <Row>
            <Button>Default</Button>
            <Button kind="quiet">Quiet</Button>
            <Button kind="danger" icon={Trash2}>
              Danger
            </Button>
            <Button busy>Busy</Button>
            <Button disabled>Disabled</Button>
            <IconButton icon={Plus} label="Add" />
            <IconButton icon={Plus} label="Pressed" aria-pressed />
          </Row>
          <Row>
            <Segmented
              label="Part"
              value={part}
              options={[
                { value: "one", name: "One" },
                { value: "two", name: "Two" },
              ]}
              onChange={setPart}
            />
            <Popover label="Menu" className="w-40 p-1" trigger={(props) => <Button {...props}>Open a menu</Button>}>
              {(close) => (
                <>
                  <MenuItem onClick={close}>Rename</MenuItem>
                  <MenuItem danger onClick={close}>
                    Delete
                  </MenuItem>
                </>
              )}
            </Popover>
            <Button onClick={() => toast("Deleted", { name: "Undo", run: () => undefined })}>Show a toast</Button>
          </Row>
        </Card>
        <Card title="Fields">
          <Field label="Name" help="Shown beside its key">
            <Input placeholder="laptop" />
          </Field>
          <Field label="Key" error="This key is not known here.">
            <Input defaultValue="ggw_nonsense" aria-invalid className="font-mono" />
          </Field>
          <Field label="Disabled">
            <Input disabled defaultValue="What cannot be changed" />
          </Field>
          <Field label="System prompt">
            <TextArea defaultValue="Be brief." />
          </Field>
          <Row>
            <Select aria-label="Window" options={[{ value: "month", name: "Each month" }]} onChange={() => undefined} />
            <Switch label="Web search" checked={on} onChange={setOn} />
            <Switch label="Off" checked={false} onChange={() => undefined} />
          </Row>
        </Card>
        <Card title="Words and marks">
          <Row>
            {TONES.map((tone) => (
              <Badge key={tone} tone={tone}>
                {tone}
              </Badge>
            ))}
          </Row>
          <Row>
            {TONES.map((tone) => (
              <span key={tone} className="flex items-center gap-1.5">
                <Dot tone={tone} /> {tone}
              </span>
            ))}
          </Row>
          <Row>
            {AUTHORS.map((id) => (
              <Tile key={id} id={id} />
            ))}
          </Row>
          <Meter label="Half" spent={50} reserved={10} limit={100} />
          <Meter label="Nearly spent" spent={85} limit={100} />
          <Meter label="Spent" spent={100} limit={100} />
        </Card>
        <Card title="Numbers">
          <dl className="grid grid-cols-2 gap-y-1">
            {(
              [
                ["Costs", [<Money key={1} usd={0} />, <Money key={2} usd={0.000083} />, <Money key={3} usd={0.0161} />, <Money key={4} usd={undefined} />]],
                ["Sums", [<Money key={1} sum usd={0.412} />, <Money key={2} sum usd={1204.1} />]],
                ["Tokens", [<Tokens key={1} value={834} />, <Tokens key={2} value={12_345} />, <Tokens key={3} value={undefined} />]],
                ["Times", [<Duration key={1} ms={0.4} />, <Duration key={2} ms={420} />, <Duration key={3} ms={72_000} />]],
                ["Moments", [<When key={1} time="2026-11-13T14:05:31Z" />]],
                ["Ids", [<CopyId key={1} id="gen_019a9f3c71d27c4e91b0a2c4e1" />]],
              ] as [string, ReactNode[]][]
            ).map(([name, values]) => (
              <div key={name} className="contents">
                <dt className="text-text-2">{name}</dt>
                <dd className="flex flex-wrap justify-end gap-3">{values}</dd>
              </div>
            ))}
          </dl>
        </Card>
        <Problem error={REFUSED} retry={() => undefined} />
        <Skeleton className="h-24" />
        <Empty title="No requests in these 30 days">Send one from Chat.</Empty>
        <Stat name="Cost" value="$382.16" note="+12% on the 30 days before" tone="warn" />
        <Card title="Bars">
          <Bars finding="Seven series and Other" names={SERIES} colours={COLOURS} columns={DAYS.map((day, at) => ({ ...day, values: SERIES.map((_, series) => wave(series)[at] ?? 0) }))} show={total} />
        </Card>
        <Card title="Lines">
          <Lines finding="Three lines, one with a gap" names={SERIES.slice(0, 3)} colours={COLOURS} labels={DAYS} values={[0, 1, 2].map((series) => wave(series).map((value, day) => (series === 1 && day === 6 ? undefined : value * 100)))} show={duration} />
        </Card>
      </div>
      <DataTable
        caption="Rows"
        rows={[
          { name: "sandbox/chat", cost: 1.25 },
          { name: "sandbox/think", cost: undefined },
        ]}
        rowKey={({ name }) => name}
        sort={sort}
        onSort={(by) => setSort({ by, down: sort.by !== by || !sort.down })}
        columns={[
          { id: "name", head: "Model", sortable: true, cell: ({ name }) => name },
          { id: "cost", head: "Cost", right: true, sortable: true, cell: ({ cost }) => <Money sum usd={cost} /> },
        ]}
      />
    </Page>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2">{children}</div>;
}
