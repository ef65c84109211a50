"use client";

import { Dot } from "@/components/badge";
import { CopyButton, Duration, When } from "@/components/numbers";
import { Problem, Skeleton } from "@/components/states";
import { DataTable } from "@/components/table";
import type { ProviderStatus } from "@/lib/contract";
import { count, share, words } from "@/lib/format";
import { healthOf, useProviders } from "@/lib/providers";

/** The providers and how they did in the last quarter of an hour. */
export function Providers() {
  const providers = useProviders();
  if (providers.isError) {
    return <Problem error={providers.error} retry={() => void providers.refetch()} />;
  }
  if (providers.isPending) {
    return <Skeleton className="h-60" />;
  }
  return (
    <DataTable
      caption="Providers"
      rows={providers.data.providers ?? []}
      rowKey={({ name = "" }) => name}
      narrow={(provider) => ({
        title: provider.display_name || provider.name,
        figure: <Health provider={provider} />,
        note: <KeyOrigin provider={provider} />,
        more: `${count(provider.models)} models`,
      })}
      columns={[
        {
          id: "name",
          head: "Provider",
          cell: ({ name, display_name: display }) => (
            <b className="font-medium" title={name}>
              {display || name}
            </b>
          ),
        },
        { id: "health", head: "Health", cell: (provider) => <Health provider={provider} /> },
        { id: "key", head: "Key", cell: (provider) => <KeyOrigin provider={provider} /> },
        { id: "models", head: "Models", right: true, from: "md", cell: ({ models }) => count(models) },
        { id: "tries", head: "Tries", right: true, from: "md", cell: ({ attempts }) => count(attempts) },
        {
          id: "failed",
          head: "Failed",
          right: true,
          from: "md",
          cell: ({ attempts = 0, failed_attempts: failed = 0, errors = [] }) => (
            <span title={errors.map(({ reason, count: times }) => `${words(reason)}: ${times}`).join("\n")}>{share(failed, attempts)}</span>
          ),
        },
        { id: "p50", head: "First token p50", right: true, from: "lg", cell: ({ first_token_ms: times }) => <Duration ms={times?.p50} /> },
        { id: "last", head: "Last answer", right: true, from: "lg", cell: ({ last_success_time: time }) => <When time={time} /> },
      ]}
    />
  );
}

function Health({ provider }: { provider: ProviderStatus }) {
  const [name, tone] = healthOf(provider);
  const until = provider.retry_time && new Date(provider.retry_time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const open = provider.breakers ?? [];
  return (
    <span className="flex items-center gap-2">
      <Dot tone={tone} />
      {until ? `Paused until ${until}` : name}
      {open.length > 0 && (
        <span className="text-note text-text-2" title={open.map(({ upstream_model: model, failures }) => `${model ?? ""}: ${failures ?? 0} failures in a row`).join("\n")}>
          {open.length} paused
        </span>
      )}
    </span>
  );
}

function KeyOrigin({ provider }: { provider: ProviderStatus }) {
  const { credentials = [], key_variable: variable, health } = provider;
  if (credentials.length > 0) {
    return <span className="text-text-2">set, from {credentials.map(({ origin }) => origin).join(", ")}</span>;
  }
  if (!variable || health !== "not_configured") {
    return <span className="text-text-2">none needed</span>;
  }
  return (
    <span className="flex items-center text-text-2">
      set <code className="mx-1 font-mono">{variable}</code> <span className="max-md:hidden">and restart</span>
      <CopyButton text={variable} label={`Copy ${variable}`} />
    </span>
  );
}
