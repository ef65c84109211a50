"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Badge } from "@/components/badge";
import { Input } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import { DataTable } from "@/components/table";
import { read } from "@/lib/api";
import type { Configuration } from "@/lib/contract";

/** What is configured and from where; it is changed where it stands, never here. */
export function ConfigurationView() {
  const [query, setQuery] = useState("");
  const configuration = useQuery({
    queryKey: ["configuration"],
    queryFn: ({ signal }) => read<Configuration>("/configuration", {}, signal),
  });
  if (configuration.isError) {
    return <Problem error={configuration.error} retry={() => void configuration.refetch()} />;
  }
  if (configuration.isPending) {
    return <Skeleton className="h-96" />;
  }
  const values = (configuration.data.values ?? []).filter(({ key = "" }) => key.includes(query.trim().toLowerCase()));
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Input type="search" aria-label="Search settings" placeholder="Search settings" value={query} onChange={(event) => setQuery(event.target.value)} className="w-64" />
        <p className="text-text-2">{configuration.data.file ? `Read from ${configuration.data.file}` : "No file was read"}</p>
      </div>
      <DataTable
        caption="Configuration"
        rows={values}
        rowKey={({ key = "" }) => key}
        virtual={values.length > 60}
        columns={[
          { id: "key", head: "Setting", cell: ({ key }) => <span className="font-mono">{key}</span> },
          {
            id: "value",
            head: "Value",
            cell: ({ value, secret, is_set: set }) =>
              secret ? (
                <Badge>{set ? "set" : "not set"}</Badge>
              ) : (
                <span className="block max-w-60 truncate font-mono @3xl:max-w-xl" title={value}>
                  {value || "–"}
                </span>
              ),
          },
          {
            id: "source",
            head: "From",
            cell: ({ source = "default", location }) => (
              <span className={source === "default" ? "text-text-2" : ""}>{source === "default" ? "default" : location || source.replace("_", " ")}</span>
            ),
          },
        ]}
      />
    </>
  );
}
