"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";

import { Badge } from "@/components/badge";
import { Button, IconButton } from "@/components/button";
import { Input } from "@/components/field";
import { Empty, Problem, Skeleton } from "@/components/states";
import { DataTable } from "@/components/table";
import { read, write } from "@/lib/api";
import type { ModelAlias } from "@/lib/contract";

/** Names that stand for models, in all projects. */
export function Aliases() {
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const aliases = useQuery({
    queryKey: ["aliases"],
    queryFn: ({ signal }) => read<{ aliases?: ModelAlias[] }>("/aliases", { page_size: 1000 }, signal),
  });
  async function change(what: () => Promise<unknown>) {
    setError(undefined);
    try {
      await what();
      await client.invalidateQueries({ queryKey: ["aliases"] });
    } catch (fault) {
      setError(fault);
    }
  }
  if (aliases.isError) {
    return <Problem error={aliases.error} retry={() => void aliases.refetch()} />;
  }
  if (aliases.isPending) {
    return <Skeleton className="h-60" />;
  }
  const rows = aliases.data.aliases ?? [];
  return (
    <>
      <form
        className="flex flex-wrap gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          event.currentTarget.reset();
          void change(() => write("POST", "/aliases", { name: form.get("name"), model: form.get("model") }));
        }}
      >
        <Input name="name" required aria-label="Name" placeholder="fast" />
        <Input name="model" required aria-label="Model" placeholder="author/model" className="font-mono" />
        <Button type="submit">Set alias</Button>
      </form>
      {error !== undefined && <Problem error={error} />}
      {rows.length === 0 ? (
        <Empty title="No aliases">A name set here stands for a model in every request.</Empty>
      ) : (
        <DataTable
          caption="Aliases"
          rows={rows}
          rowKey={({ name = "" }) => name}
          columns={[
            { id: "name", head: "Name", cell: ({ name }) => <b className="font-medium">{name}</b> },
            { id: "model", head: "Stands for", cell: ({ model }) => <span className="font-mono">{model}</span> },
            { id: "who", head: "Set by", from: "sm", cell: ({ configured, creator }) => (configured ? <Badge>configuration</Badge> : creator) },
            {
              id: "delete",
              head: <span className="sr-only">Delete</span>,
              right: true,
              cell: ({ name = "", configured }) =>
                !configured && (
                  <IconButton icon={Trash2} label={`Delete ${name}`} onClick={() => void change(() => write("DELETE", `/aliases/${encodeURIComponent(name)}`))} />
                ),
            },
          ]}
        />
      )}
    </>
  );
}
