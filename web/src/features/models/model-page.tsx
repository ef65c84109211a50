"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";

import { costOf } from "./calculator";
import { Endpoints } from "./endpoints";
import { priceRows } from "./prices";
import { UseFields, useUse } from "./use-fields";
import { millions } from "./view";
import { Badge, Tile } from "@/components/badge";
import { buttonClass, Segmented } from "@/components/button";
import { Lines } from "@/components/chart/lines";
import { CodeBlock } from "@/components/markdown/code";
import { CopyId, Money } from "@/components/numbers";
import { Card, Empty, Page, Problem, Skeleton } from "@/components/states";
import { read } from "@/lib/api";
import type { Model, ModelAnswer, Price } from "@/lib/contract";
import { context, day, pricePerMillion } from "@/lib/format";
import { ABILITY_NAMES, abilities, shortName } from "@/lib/models";
import { chatSnippets, embedSnippets, LANGUAGES, type Language } from "@/lib/snippets";
import { useAddress } from "@/lib/url";

/** Everything about one model. */
export function ModelPage() {
  const [address] = useAddress();
  const id = address.get("id") ?? "";
  const answer = useQuery({
    queryKey: ["model", id],
    queryFn: ({ signal }) => read<ModelAnswer>(`/models/${id.split("/").map(encodeURIComponent).join("/")}`, {}, signal),
    enabled: id.includes("/"),
  });
  const model = answer.data?.model;
  if (!id.includes("/")) {
    return (
      <Page title="Model">
        <Empty title="No model is named in the address">
          <Link href="/models/" className="text-accent-text underline">
            See all models
          </Link>
        </Empty>
      </Page>
    );
  }
  if (!model) {
    return (
      <Page title={id}>
        {answer.isError ? <Problem error={answer.error} retry={() => void answer.refetch()} /> : <Skeleton className="h-96" />}
      </Page>
    );
  }
  return (
    <Page
      title={
        <span className="flex items-center gap-2.5">
          <Tile id={model.id} /> {shortName(model, model.id)}
        </span>
      }
      note={<CopyId id={model.id} />}
      actions={
        <>
          <Link href={`/generations/?model=${encodeURIComponent(model.id)}`} className={buttonClass()}>
            Requests
          </Link>
          <Link href={`/compare/?models=${encodeURIComponent(model.id)}`} className={buttonClass()}>
            Add to compare
          </Link>
          <Link href={`/chat/?model=${encodeURIComponent(model.id)}`} className={buttonClass("primary")}>
            Chat
          </Link>
        </>
      }
    >
      <p className="flex flex-wrap items-center gap-2 text-text-2">
        {context(model.context_length)} context · {context(model.max_output_tokens)} out
        {abilities(model).map((ability) => (
          <Badge key={ability}>{ABILITY_NAMES[ability]}</Badge>
        ))}
        {model.create_time && ` · since ${day(model.create_time)}`}
        {model.expire_time && <Badge tone="warn">Ends {day(model.expire_time)}</Badge>}
      </p>
      {model.description && <p className="max-w-answer text-body">{model.description}</p>}
      <div className="grid gap-4 md:grid-cols-2">
        <Card title="Prices">
          <Prices price={model.price} />
        </Card>
        <Card title="What would it cost">
          <Calculator model={model} />
          <History history={answer.data?.price_history ?? []} />
        </Card>
      </div>
      <Endpoints model={model} />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Card title="Snippets">
          <Snippets model={model} />
        </Card>
        <Card title="Parameters">
          <p className="flex flex-wrap gap-1">
            {(model.supported_parameters ?? []).map((name) => (
              <Badge key={name}>{name}</Badge>
            ))}
          </p>
          <p className="text-text-2">
            Takes {model.input_modalities?.join(", ") || "text"}; makes {model.output_modalities?.join(", ") || "text"}
            {model.tokenizer && `; tokenizer ${model.tokenizer}`}
          </p>
        </Card>
      </div>
    </Page>
  );
}

function Prices({ price }: { price: Price | undefined }) {
  const rows = priceRows(price);
  if (rows.length === 0) {
    return <p className="text-text-2">No price is known. What it uses is counted, its cost is not.</p>;
  }
  return (
    <dl className="grid grid-cols-[1fr_auto] gap-y-1.5">
      {rows.map(({ name, value, unit }) => (
        <div key={name} className="contents">
          <dt className="text-text-2">{name}</dt>
          <dd className="text-right">
            {value} <span className="text-note text-text-2">{unit}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Calculator({ model }: { model: Model }) {
  const usd = costOf(model, useUse());
  return (
    <>
      <UseFields />
      <p className="text-stat">
        <Money usd={usd} sum /> <span className="text-ui font-normal text-text-2">a month</span>
      </p>
    </>
  );
}

function History({ history }: { history: Price[] }) {
  const changes = history.toSorted((one, other) => (one.effective_time ?? "").localeCompare(other.effective_time ?? ""));
  if (changes.length < 2) {
    return <p className="text-note text-text-2">The price has not changed{changes[0]?.effective_time && ` since ${day(changes[0].effective_time)}`}.</p>;
  }
  return (
    <Lines
      finding={`The price changed ${changes.length - 1} times`}
      names={["In", "Out"]}
      colours={[3, 1]}
      labels={changes.map(({ effective_time: time }) => ({ label: day(time), title: day(time) }))}
      values={[changes.map(({ input }) => millions(input)), changes.map(({ output }) => millions(output))]}
      show={(value) => pricePerMillion(String(value / 1e6))}
      stepped
    />
  );
}

function Snippets({ model }: { model: Model }) {
  const [language, setLanguage] = useState<Language>("curl");
  const embeds = model.output_modalities?.includes("embeddings");
  const made = embeds ? embedSnippets(model.id, "Hello") : chatSnippets({ model: model.id, text: "Hello" });
  const highlighted = language === "python" || language === "typescript" ? language : "bash";
  return (
    <>
      <Segmented label="Language" value={language} options={LANGUAGES} onChange={setLanguage} />
      <CodeBlock code={made[language]} language={highlighted} live={false} />
    </>
  );
}
