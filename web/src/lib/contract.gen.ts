// Made of openapi.json by scripts/contract.js.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A correction of a generation's cost after the fact. */
        Adjustment: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            create_time?: string;
            /**
             * Format: double
             * @description The cost before; absent where unknown.
             */
            old_cost_usd?: number;
            /**
             * Format: double
             * @description The cost after; absent where unknown.
             */
            new_cost_usd?: number;
            /** @description Why. */
            reason?: string;
            /** @description Who: a key's public id, or `gateway`. */
            actor?: string;
        };
        /** @description A key of the gateway, without its secret. */
        ApiKey: {
            /** @description Its public id: the middle of `ggw_<public id>_<secret>`. */
            id: string;
            /** @description The project it belongs to. */
            project?: string;
            /** @description Its name for people. */
            name?: string;
            /** @description What it may do. */
            scopes?: components["schemas"]["Scope"][];
            /** @description Whether it can be used. */
            state?: components["schemas"]["ApiKeyState"];
            /** @description Its limits; those of the project hold beside them. */
            limits?: components["schemas"]["Limits"];
            /** @description What is left of its own limits now. */
            limit_status?: components["schemas"]["LimitStatus"][];
            /** @description Models that it may use, of those that the project may: ids, or patterns with `*`; empty means all of them. */
            allowed_models?: string[];
            /** @description Labels. */
            metadata?: {
                [key: string]: string;
            };
            /** @description Who made it: a key's public id, `cli`, or `gateway`. */
            creator?: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            create_time?: string;
            /**
             * Format: date-time
             * @description When its time is over; absent where it never is.
             */
            expire_time?: string;
            /**
             * Format: date-time
             * @description When it was last used, to the minute; absent where it never was.
             */
            last_use_time?: string;
            /**
             * Format: date-time
             * @description When it last got a new secret.
             */
            rotate_time?: string;
            /**
             * Format: date-time
             * @description Until when the secret before the last rotation holds; absent where none does.
             */
            old_secret_expire_time?: string;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            revoke_time?: string;
        };
        /**
         * @description Whether a key can be used.
         *
         *     - `active`: It can.
         *     - `expired`: Its time is over.
         *     - `revoked`: It was revoked.
         * @enum {string}
         */
        ApiKeyState: "active" | "expired" | "revoked";
        /** @description One upstream try. */
        Attempt: {
            /** @description Counts from 1 within the generation. */
            index?: number;
            /** @description Why it was made. */
            kind?: components["schemas"]["AttemptKind"];
            /** @description The provider. */
            provider?: string;
            /** @description Name of the credential; never the credential. */
            credential?: string;
            /** @description The provider's own id of the model. */
            upstream_model?: string;
            /** @description The provider's id of the call. */
            upstream_id?: string;
            /** @description HTTP status; absent where there was no answer. */
            http_status?: number;
            /** @description Why it failed. */
            error_reason?: components["schemas"]["ErrorReason"];
            /** @description The provider's words on it. */
            error_message?: string;
            /** @description What was used. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description The provider's usage as it came, JSON. */
            raw_usage?: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            start_time?: string;
            /**
             * Format: date-time
             * @description When the first event came.
             */
            first_token_time?: string;
            /**
             * Format: date-time
             * @description When it ended.
             */
            end_time?: string;
            /** @description Its events went to the caller. */
            won?: boolean;
        };
        /**
         * @description Why a try was made.
         *
         *     - `primary`: The first one.
         *     - `retry`: The same target again.
         *     - `fallback`: Another target.
         *     - `hedge`: Beside a slow one.
         * @enum {string}
         */
        AttemptKind: "primary" | "retry" | "fallback" | "hedge";
        /** @description Sound. */
        Audio: {
            /** @description The bytes themselves (base64 in JSON). */
            data?: string;
            /** @description Encoding: `wav`, `mp3`, `pcm16`, …. */
            format?: string;
            /** @description What is said in it, where a provider tells. */
            transcript?: string;
            /** @description The provider's id of generated sound, by which a later turn may refer to it. */
            id?: string;
        };
        /** @description Settings of generated sound. */
        AudioConfig: {
            /** @description The voice. */
            voice?: string;
            /** @description Encoding: `wav`, `mp3`, `pcm16`, …. */
            format?: string;
        };
        /** @description A piece of generated sound. */
        AudioEvent: {
            /** @description The content block it belongs to. */
            block?: number;
            /** @description Bytes and transcript to append. */
            delta?: components["schemas"]["Audio"];
        };
        /** @description A field that was changed. */
        AuditChange: {
            /** @description Its path, such as `limits.requests_per_minute`. */
            field?: string;
            /** @description The value before, as JSON; empty where there was none. */
            old_value?: string;
            /** @description The value after, as JSON; empty where there is none. */
            new_value?: string;
        };
        /** @description Something that was changed by hand. */
        AuditEvent: {
            /** @description Its id, `aud_…`. */
            id: string;
            /**
             * Format: date-time
             * @description When it was done.
             */
            create_time?: string;
            /** @description Who did it: a key's public id, `cli`, or `gateway`. */
            actor?: string;
            /** @description Name of that key. */
            actor_name?: string;
            /** @description What was done, such as `key.revoke`. */
            action?: string;
            /** @description The project; empty for what is the gateway's. */
            project?: string;
            /** @description To what, such as `projects/default/keys/a1b2`. */
            target?: string;
            /** @description The fields that changed; never secrets. */
            changes?: components["schemas"]["AuditChange"][];
            /** @description The request that did it. */
            request_id?: string;
            /** @description The address that it came from; empty for the command line. */
            address?: string;
        };
        /**
         * @description Whose fault an error is.
         *
         *     - `caller`: The caller must change something.
         *     - `gateway`: The gateway or its configuration is at fault.
         *     - `provider`: The provider is at fault.
         * @enum {string}
         */
        Blame: "caller" | "gateway" | "provider";
        /** @description The circuit breaker of one credential and model. */
        Breaker: {
            /** @description Name of the credential; never the credential. */
            credential?: string;
            /** @description The provider's own id of the model. */
            upstream_model?: string;
            /** @description Whether requests pass. */
            state?: components["schemas"]["BreakerState"];
            /** @description Failures in a row. */
            failures?: number;
            /**
             * Format: date-time
             * @description When the next trial is made.
             */
            retry_time?: string;
            /** @description Why the last try failed. */
            error_reason?: components["schemas"]["ErrorReason"];
        };
        /**
         * @description Whether requests pass a circuit breaker.
         *
         *     - `closed`: They pass.
         *     - `open`: They do not.
         *     - `half_open`: One passes, as a trial.
         * @enum {string}
         */
        BreakerState: "closed" | "open" | "half_open";
        /** @description How much money may be spent in a window of time. */
        Budget: {
            /** @description Its id, `bud_…`. */
            id: string;
            /** @description The project it belongs to. */
            project?: string;
            /** @description Its name for people. */
            name?: string;
            /** @description Whose spending it counts. */
            scope?: components["schemas"]["BudgetScope"];
            /** @description Public id of the key, for the scope `key`. */
            key_id?: string;
            /** @description The end user, for the scope `end_user`; empty where each end user has this budget alone. What is spent and reserved is then that of the end user who is nearest to the limit. */
            end_user?: string;
            /** @description When it begins anew. */
            window?: components["schemas"]["BudgetWindow"];
            /** @description What happens at the limit. */
            enforcement?: components["schemas"]["BudgetEnforcement"];
            /**
             * Format: double
             * @description The limit.
             */
            limit_usd?: number;
            /**
             * Format: double
             * @description What was spent in this window.
             */
            spent_usd?: number;
            /**
             * Format: double
             * @description What running generations hold in reserve.
             */
            reserved_usd?: number;
            /**
             * Format: double
             * @description What is left: the limit less what is spent and reserved, never below 0.
             */
            remaining_usd?: number;
            /**
             * Format: date-time
             * @description When this window began.
             */
            window_start_time?: string;
            /**
             * Format: date-time
             * @description When the next begins; absent where it never does.
             */
            renew_time?: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            create_time?: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            update_time?: string;
        };
        /**
         * @description What happens at a budget's limit.
         *
         *     - `hard`: Nothing more is admitted, and what runs is stopped.
         *     - `warn`: Answers carry a warning.
         * @enum {string}
         */
        BudgetEnforcement: "hard" | "warn";
        /**
         * @description Whose spending a budget counts.
         *
         *     - `project`: All of the project.
         *     - `key`: One key.
         *     - `end_user`: One end user, or each of them alone.
         * @enum {string}
         */
        BudgetScope: "project" | "key" | "end_user";
        /** @description The terms of a budget whose scope is known. */
        BudgetTerms: {
            /** @description When it begins anew. */
            window: components["schemas"]["BudgetWindow"];
            /** @description What happens at the limit. */
            enforcement?: components["schemas"]["BudgetEnforcement"];
            /**
             * Format: double
             * @description The limit.
             */
            limit_usd: number;
        };
        /**
         * @description When a budget begins anew, at 0 o'clock UTC.
         *
         *     - `day`: Each day.
         *     - `week`: Each Monday.
         *     - `month`: On the first of each month.
         *     - `forever`: Never.
         * @enum {string}
         */
        BudgetWindow: "day" | "week" | "month" | "forever";
        /** @description Marks the end of a prefix that the provider should cache. */
        CacheControl: {
            /** @description How long it is kept: `5m` (default) or `1h`. */
            ttl?: string;
        };
        /** @description What the stopped generation used. */
        CancelChatResponse: {
            /** @description The generation. */
            generation_id?: string;
            /** @description How it ended. */
            finish_reason?: components["schemas"]["FinishReason"];
            /** @description What was used. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
        };
        /** @description A target that routing looked at. */
        Candidate: {
            /** @description The provider. */
            provider?: string;
            /** @description The provider's own id of the model. */
            upstream_model?: string;
            /** @description It was chosen. */
            chosen?: boolean;
            /** @description Why it was chosen or left. */
            reason?: string;
        };
        /** @description A chat request. */
        ChatRequest: {
            /** @description The model, as `author/slug`, `<provider>/<its own id>`, an alias, or a name close to one. */
            model: string;
            /** @description The conversation so far, oldest first. */
            messages: components["schemas"]["Message"][];
            /** @description Only read by the REST door: answer with server-sent events. */
            stream?: boolean;
            /** @description The session to continue; its history comes before `messages`. */
            session_id?: string;
            /** @description The stored message to continue from; empty means the session's leaf. See also `from_start`. */
            parent_message_id?: string;
            /** @description Most tokens the model may write, thinking included. */
            max_output_tokens?: number;
            /**
             * Format: double
             * @description Randomness, 0 to 2.
             */
            temperature?: number;
            /**
             * Format: double
             * @description Nucleus sampling, 0 to 1.
             */
            top_p?: number;
            /** @description Sample from this many likeliest tokens. */
            top_k?: number;
            /**
             * Format: double
             * @description Sample from tokens at least this likely, relative to the likeliest.
             */
            min_p?: number;
            /**
             * Format: double
             * @description Penalty for tokens that are present, -2 to 2.
             */
            presence_penalty?: number;
            /**
             * Format: double
             * @description Penalty by a token's frequency, -2 to 2.
             */
            frequency_penalty?: number;
            /**
             * Format: double
             * @description Multiplicative penalty for repetition.
             */
            repetition_penalty?: number;
            /**
             * Format: int64
             * @description Asks for the same answer to the same request.
             */
            seed?: string;
            /** @description Texts at which the model stops. */
            stop?: string[];
            /** @description Asks for the log probabilities of output tokens. */
            logprobs?: boolean;
            /** @description That many alternatives for each token. */
            top_logprobs?: number;
            /** @description Bias by token id, -100 to 100. */
            logit_bias?: {
                [key: string]: number;
            };
            /** @description What the model may call. */
            tools?: components["schemas"]["Tool"][];
            /** @description Which tools it must or may call. */
            tool_choice?: components["schemas"]["ToolChoice"];
            /** @description Several calls in one turn are welcome. */
            parallel_tool_calls?: boolean;
            /** @description Shape of the answer. */
            response_format?: components["schemas"]["ResponseFormat"];
            /** @description How much the model thinks. */
            thinking?: components["schemas"]["Thinking"];
            /** @description Searches the web before answering. */
            web_search?: components["schemas"]["WebSearch"];
            /** @description Kinds of output asked for: `text`, `image`, `audio`. */
            modalities?: string[];
            /** @description Settings of generated images, in the provider's terms. */
            image_config?: Record<string, never>;
            /** @description Settings of generated sound. */
            audio?: components["schemas"]["AudioConfig"];
            /** @description How verbose the answer is: `low`, `medium` or `high`. */
            verbosity?: string;
            /** @description The provider's service tier, such as `flex` or `priority`. */
            service_tier?: string;
            /** @description Groups requests that share a cached prefix. */
            prompt_cache_key?: string;
            /** @description The caller's own customer, for books and limits; told to providers that ask for it. */
            end_user?: string;
            /** @description Labels kept with the generation. */
            metadata?: {
                [key: string]: string;
            };
            /** @description How providers and models are chosen. */
            routing?: components["schemas"]["RoutingOptions"];
            /**
             * Format: double
             * @description The generation is stopped when it would cost more than this.
             */
            max_cost_usd?: number;
            /** @description Further fields for the provider, in its own terms and only understood by its own dialect. */
            provider_options?: Record<string, never>;
            /** @description Begins a branch at the very beginning of the session, as an edit of its first message does; excludes `parent_message_id`, which cannot name the place before the first message. */
            from_start?: boolean;
        };
        /** @description A whole answer. */
        ChatResponse: {
            /** @description The generation. */
            generation_id?: string;
            /** @description The session, where there is one. */
            session_id?: string;
            /** @description Which model was meant. */
            model?: components["schemas"]["ModelResolution"];
            /** @description The provider that served. */
            provider?: string;
            /** @description What was adapted or left out. */
            warnings?: components["schemas"]["Warning"][];
            /** @description Who served behind an aggregating provider, where it tells. */
            upstream_provider?: string;
            /** @description The model that the provider says answered. */
            upstream_model?: string;
            /** @description The answer. */
            message?: components["schemas"]["Message"];
            /** @description Why the model stopped. */
            finish_reason?: components["schemas"]["FinishReason"];
            /** @description The provider's own word for it. */
            native_finish_reason?: string;
            /** @description What was used. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description Where the cost comes from. */
            cost_source?: components["schemas"]["CostSource"];
            /** @description How long it took. */
            timings?: components["schemas"]["Timings"];
            /** @description The provider's id of the call. */
            upstream_id?: string;
            /** @description Log probabilities of the answer's tokens, where asked for. */
            logprobs?: components["schemas"]["TokenLogprob"][];
            /** @description Fields of the provider's answer for which this contract has no name. */
            provider_fields?: Record<string, never>;
        };
        /** @description A source that an answer rests on. */
        Citation: {
            /** @description Address of the source; empty for documents without one. */
            url?: string;
            /** @description Title of the page or document. */
            title?: string;
            /** @description The passage that was used. */
            quote?: string;
            /** @description First character of the answer that rests on it. */
            start_index?: number;
            /** @description One past the last such character. */
            end_index?: number;
            /** @description A file as the provider parsed it, to be sent back unchanged. */
            file?: Record<string, never>;
        };
        /** @description Sources. */
        CitationsEvent: {
            /** @description Further sources of the answer. */
            citations?: components["schemas"]["Citation"][];
        };
        /**
         * @description Where a value of the configuration comes from. Later ones win.
         *
         *     - `default`: It is built in.
         *     - `file`: The configuration file.
         *     - `environment`: The environment.
         *     - `command_line`: The command line.
         * @enum {string}
         */
        ConfigurationSource: "default" | "file" | "environment" | "command_line";
        /** @description One value of the configuration. */
        ConfigurationValue: {
            /** @description Its path, such as `server.listen`. */
            key?: string;
            /** @description The value as meant, written as in TOML; empty for secrets and for what is not set. */
            value?: string;
            /** @description Where it comes from. */
            source?: components["schemas"]["ConfigurationSource"];
            /** @description Where exactly: file and line, a variable's name, or an option. */
            location?: string;
            /** @description It is a secret; its value is never told. */
            secret?: boolean;
            /** @description It has a value. */
            is_set?: boolean;
        };
        /** @description One part of a message. Which kinds are allowed depends on the role and on what the model takes. */
        ContentPart: ({
            /** @description Plain text. */
            text: string;
        } | {
            /** @description A picture, given or generated. */
            image: components["schemas"]["Image"];
        } | {
            /** @description A document, such as a PDF. */
            file: components["schemas"]["File"];
        } | {
            /** @description Sound, given or generated. */
            audio: components["schemas"]["Audio"];
        } | {
            /** @description A moving picture. */
            video: components["schemas"]["Video"];
        } | {
            /** @description A call that the model asks for. */
            tool_call: components["schemas"]["ToolCall"];
        } | {
            /** @description What a tool answered. */
            tool_result: components["schemas"]["ToolResult"];
        } | {
            /** @description The model's thinking. */
            reasoning: components["schemas"]["Reasoning"];
        } | {
            /** @description Text in which the model declines to answer, where the provider tells it apart. */
            refusal: string;
        }) & {
            /** @description Marks this part as the end of a prefix to cache. */
            cache_control?: components["schemas"]["CacheControl"];
        };
        /**
         * @description Where a cost comes from.
         *
         *     - `provider`: The provider stated it.
         *     - `price_book`: Usage times the price list.
         *     - `none`: No price is known; there is no cost.
         * @enum {string}
         */
        CostSource: "provider" | "price_book" | "none";
        /** @description What a new key should be. */
        CreateApiKeyRequest: {
            /** @description Its name for people. */
            name: string;
            /** @description What it may do; empty means `inference`. */
            scopes?: components["schemas"]["Scope"][];
            /**
             * Format: date-time
             * @description When its time is over; absent means never.
             */
            expire_time?: string;
            /** @description Its limits. */
            limits?: components["schemas"]["Limits"];
            /** @description Models that it may use, of those that the project may: ids, or patterns with `*`; empty means all of them. */
            allowed_models?: string[];
            /** @description A budget for this key, made together with it. */
            budget?: components["schemas"]["BudgetTerms"];
            /** @description Labels. */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description The new key. */
        CreateApiKeyResponse: {
            /** @description The key without its secret. */
            key?: components["schemas"]["ApiKey"];
            /** @description The key in full, as clients send it. Only its hash is kept: it cannot be read again. */
            full_key?: string;
            /** @description The budget, where one was asked for. */
            budget?: components["schemas"]["Budget"];
        };
        /** @description What a new budget should be. */
        CreateBudgetRequest: {
            /** @description Its name for people; made from scope and window where empty. */
            name?: string;
            /** @description Whose spending it counts. */
            scope: components["schemas"]["BudgetScope"];
            /** @description Public id of the key, for the scope `key`. */
            key_id?: string;
            /** @description The end user, for the scope `end_user`; empty gives each end user this budget alone. */
            end_user?: string;
            /** @description When it begins anew. */
            window: components["schemas"]["BudgetWindow"];
            /** @description What happens at the limit. */
            enforcement?: components["schemas"]["BudgetEnforcement"];
            /**
             * Format: double
             * @description The limit.
             */
            limit_usd: number;
        };
        /** @description The new budget. */
        CreateBudgetResponse: {
            /** @description The budget. */
            budget?: components["schemas"]["Budget"];
        };
        /** @description What a new project should be. */
        CreateProjectRequest: {
            /** @description Its id: lower-case letters, digits and hyphens; made from the name where empty. */
            project_id?: string;
            /** @description Its name for people. */
            name: string;
            /** @description Limits of all its keys together. */
            limits?: components["schemas"]["Limits"];
            /** @description Models that its keys may use: ids, or patterns with `*`; empty means all. */
            allowed_models?: string[];
            /** @description Labels. */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description The new project. */
        CreateProjectResponse: {
            /** @description The project. */
            project?: components["schemas"]["Project"];
        };
        /** @description What a new session should be. All fields may be left out. */
        CreateSessionRequest: {
            /** @description Its title; taken from the first prompt where empty. */
            title?: string;
            /** @description Instructions that come before every conversation with it. */
            system_prompt?: string;
            /** @description The model of requests that name none. */
            model?: string;
            /** @description Settings of requests that do not give their own. */
            settings?: components["schemas"]["SessionSettings"];
            /** @description The caller's own customer. */
            end_user?: string;
            /** @description Labels. */
            metadata?: {
                [key: string]: string;
            };
            /** @description Days that it is kept after its last use, 0 for ever; absent means the gateway's own rule. */
            retention_days?: number;
        };
        /** @description The new session. */
        CreateSessionResponse: {
            /** @description The session. */
            session?: components["schemas"]["Session"];
        };
        /** @description A credential for a provider, without its value. */
        Credential: {
            /** @description Its name. */
            name?: string;
            /** @description Where it comes from: a variable's name, or a place in the configuration. */
            origin?: string;
        };
        /** @description A function of the caller that takes free text, perhaps under a grammar. */
        CustomTool: {
            /** @description Name by which the model calls it. */
            name?: string;
            /** @description What it does and when to use it. */
            description?: string;
            /** @description Shape of the text, in the provider's terms; absent means any text. */
            format?: Record<string, never>;
        };
        /** @description The budget is gone. */
        DeleteBudgetResponse: Record<string, never>;
        /** @description The alias is gone. */
        DeleteModelAliasResponse: Record<string, never>;
        /** @description The project is gone. */
        DeleteProjectResponse: Record<string, never>;
        /** @description The session is gone. */
        DeleteSessionResponse: Record<string, never>;
        /** @description The end of a stream. */
        DoneEvent: {
            /** @description Why the model stopped. */
            finish_reason?: components["schemas"]["FinishReason"];
            /** @description The provider's own word for it. */
            native_finish_reason?: string;
            /** @description What was used. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description Where the cost comes from. */
            cost_source?: components["schemas"]["CostSource"];
            /** @description How long it took. */
            timings?: components["schemas"]["Timings"];
            /** @description The provider's id of the call. */
            upstream_id?: string;
            /** @description Fields of the provider's answer for which this contract has no name. */
            provider_fields?: Record<string, never>;
        };
        /**
         * @description Through which door a generation came.
         *
         *     - `grpc`: gRPC.
         *     - `grpc_web`: grpc-web.
         *     - `rest`: The native REST door.
         *     - `openai`: The OpenAI-compatible door.
         *     - `anthropic`: The Anthropic-compatible door.
         * @enum {string}
         */
        Door: "grpc" | "grpc_web" | "rest" | "openai" | "anthropic";
        /** @description One thing to embed. */
        EmbedInput: string | ({
            /** @description A text. */
            text?: string;
            /** @description Token ids of the model's own tokenizer. */
            tokens?: components["schemas"]["TokenIds"];
            /** @description Text and images together, for multimodal models. */
            parts?: components["schemas"]["EmbedParts"];
        } & (unknown | unknown | unknown | unknown));
        /** @description Several parts embedded as one. */
        EmbedParts: {
            /** @description The parts: text and images. */
            parts?: components["schemas"]["ContentPart"][];
        };
        /** @description What to embed. */
        EmbedRequest: {
            /** @description The model, named as in chat. */
            model: string;
            /** @description The inputs; each becomes one vector. */
            inputs: components["schemas"]["EmbedInput"][];
            /** @description Length of the vectors, where the model lets choose. */
            dimensions?: number;
            /** @description What the vectors are for, such as `search_query`, where the model distinguishes. */
            input_type?: string;
            /** @description The caller's own customer, for books and limits. */
            end_user?: string;
            /** @description Labels kept with the generation. */
            metadata?: {
                [key: string]: string;
            };
            /** @description How providers are chosen. */
            routing?: components["schemas"]["RoutingOptions"];
            /** @description Further fields for the provider, in its own terms. */
            provider_options?: Record<string, never>;
        };
        /** @description The vectors. */
        EmbedResponse: {
            /** @description The generation under which the call is booked. */
            generation_id?: string;
            /** @description Which model was meant. */
            model?: components["schemas"]["ModelResolution"];
            /** @description The provider that served. */
            provider?: string;
            /** @description One vector for each input, in order. */
            embeddings?: components["schemas"]["Embedding"][];
            /** @description What was used. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description Where the cost comes from. */
            cost_source?: components["schemas"]["CostSource"];
            /** @description How long it took. */
            timings?: components["schemas"]["Timings"];
            /** @description What was adapted or left out. */
            warnings?: components["schemas"]["Warning"][];
            /** @description Who served behind an aggregating provider, where it tells. */
            upstream_provider?: string;
            /** @description The model that the provider says answered. */
            upstream_model?: string;
        };
        /** @description One vector. */
        Embedding: {
            /** @description Position of its input. */
            index?: number;
            /** @description The vector. */
            vector?: number[];
        };
        /** @description A refusal or failure. */
        Error: {
            error: components["schemas"]["ErrorDetail"];
        };
        /** @description How often something failed. */
        ErrorCount: {
            /** @description The cause. */
            reason?: components["schemas"]["ErrorReason"];
            /**
             * Format: uint64
             * @description How often.
             */
            count?: number;
        };
        /** @description An error as every native door tells it: in REST bodies, as the `error` event of a stream, and in ErrorInfo. */
        ErrorDetail: {
            /** @description The gRPC status code's name in lower case, such as `invalid_argument`. */
            code?: string;
            /** @description Why, for programs. */
            reason?: components["schemas"]["ErrorReason"];
            /** @description Why, for people, and what to do about it. */
            message?: string;
            /** @description Whose fault it is. */
            blame?: components["schemas"]["Blame"];
            /** @description The same request may succeed later. */
            retryable?: boolean;
            /** @description How long to wait before that, where it is known. */
            retry_after_ms?: number;
            /** @description Path of the field at fault, such as `messages[2].content[0].image`. */
            field?: string;
            /** @description Nearby names that would have been understood. */
            suggestions?: string[];
            /** @description The provider that failed. */
            provider?: string;
            /** @description The provider's HTTP status, where there was one. */
            provider_status?: number;
            /** @description What was used until then. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What that cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description The generation that failed; empty where none had begun. */
            generation_id?: string;
        };
        /**
         * @description Why a request was refused or failed. Stable: programs decide by it.
         *
         *     - `invalid_request`: A field has a value that cannot be used; the message and `field` say which.
         *     - `malformed_body`: The body is not JSON, or not the message it should be.
         *     - `body_too_large`: The body is larger than `server.max_body_bytes`.
         *     - `unsupported_media_type`: The body's media type is not one that this path reads.
         *     - `unsupported_content`: A part's kind does not fit its role, or the model does not take it.
         *     - `unsupported_parameter`: The model cannot do what a field asks for.
         *     - `model_not_found`: No model has this name.
         *     - `model_ambiguous`: Several models fit this name equally well.
         *     - `not_found`: There is no such thing, or it is not the caller's.
         *     - `already_exists`: The thing exists already.
         *     - `key_missing`: No gateway key was sent.
         *     - `key_invalid`: The gateway key is garbled or unknown.
         *     - `key_revoked`: The gateway key was revoked.
         *     - `key_expired`: The gateway key has expired.
         *     - `permission_denied`: The key's scopes do not include this method.
         *     - `limit_exceeded`: A limit of the gateway was reached.
         *     - `budget_exceeded`: A budget is spent.
         *     - `cursor_invalid`: A page token or sequence number is not one of this listing.
         *     - `out_of_range`: Events before the replay buffer's first were asked for.
         *     - `deadline_exceeded`: The caller's deadline passed.
         *     - `cancelled`: The caller cancelled.
         *     - `shutting_down`: The gateway is stopping.
         *     - `books_unavailable`: The books cannot be written, so nothing is admitted.
         *     - `unimplemented`: The method or path does not exist.
         *     - `internal`: A fault of the gateway.
         *     - `provider_not_configured`: No provider that could serve the model is configured.
         *     - `provider_invalid_request`: The provider refused the request as wrong.
         *     - `context_length_exceeded`: The prompt is longer than the model's context.
         *     - `content_filtered`: The provider's filter refused the content.
         *     - `provider_authentication`: The provider refused the gateway's credential.
         *     - `provider_permission_denied`: The provider denies the gateway's credential this model or feature.
         *     - `provider_insufficient_funds`: The gateway's account at the provider is out of funds.
         *     - `provider_not_found`: The provider does not know the model or the thing asked for.
         *     - `provider_rate_limited`: The provider's rate limit was reached.
         *     - `provider_overloaded`: The provider is overloaded.
         *     - `provider_timeout`: The provider did not answer in time.
         *     - `provider_error`: The provider failed.
         *     - `provider_malformed_response`: The provider's answer cannot be read.
         *     - `provider_stream_truncated`: The provider's stream ended before its end.
         *     - `provider_unreachable`: The provider could not be reached.
         * @enum {string}
         */
        ErrorReason: "invalid_request" | "malformed_body" | "body_too_large" | "unsupported_media_type" | "unsupported_content" | "unsupported_parameter" | "model_not_found" | "model_ambiguous" | "not_found" | "already_exists" | "key_missing" | "key_invalid" | "key_revoked" | "key_expired" | "permission_denied" | "limit_exceeded" | "budget_exceeded" | "cursor_invalid" | "out_of_range" | "deadline_exceeded" | "cancelled" | "shutting_down" | "books_unavailable" | "unimplemented" | "internal" | "provider_not_configured" | "provider_invalid_request" | "context_length_exceeded" | "content_filtered" | "provider_authentication" | "provider_permission_denied" | "provider_insufficient_funds" | "provider_not_found" | "provider_rate_limited" | "provider_overloaded" | "provider_timeout" | "provider_error" | "provider_malformed_response" | "provider_stream_truncated" | "provider_unreachable";
        /** @description What a request would do. */
        EstimateChatResponse: {
            /** @description Which model is meant. */
            model?: components["schemas"]["ModelResolution"];
            /** @description The provider that would serve. */
            provider?: string;
            /** @description Tokens of the input. */
            input_tokens?: number;
            /** @description Most tokens of output. */
            max_output_tokens?: number;
            /** @description The model's context in tokens. */
            context_length?: number;
            /**
             * Format: double
             * @description The least it would cost; absent where unknown.
             */
            min_cost_usd?: number;
            /**
             * Format: double
             * @description The most it would cost; absent where unknown.
             */
            max_cost_usd?: number;
            /** @description What each limit and budget says. */
            verdicts?: components["schemas"]["Verdict"][];
            /** @description What would be adapted or left out. */
            warnings?: components["schemas"]["Warning"][];
        };
        /** @description A session as a document. */
        ExportSessionResponse: {
            /** @description Name of a file to keep it in. */
            filename?: string;
            /** @description Its media type: `text/markdown` or `application/json`. */
            media_type?: string;
            /** @description The document. */
            content?: string;
        };
        /** @description A document. */
        File: ({
            /** @description An http(s) URL that the provider fetches. */
            url: string;
        } | {
            /** @description The bytes themselves (base64 in JSON). */
            data: string;
        } | {
            /** @description Id of a file that was uploaded to the provider before. */
            file_id: string;
        }) & {
            /** @description Media type of the bytes, such as `application/pdf`. Required with `data`. */
            media_type?: string;
            /** @description Name shown to the model. */
            filename?: string;
        };
        /**
         * @description Why the model stopped.
         *
         *     - `stop`: It had said all, or met a stop text.
         *     - `length`: It reached the limit of tokens.
         *     - `tool_calls`: It waits for the results of its calls.
         *     - `content_filter`: A filter stopped it.
         *     - `error`: It failed.
         *     - `cancelled`: The caller stopped it.
         *     - `budget_exceeded`: A budget stopped it.
         * @enum {string}
         */
        FinishReason: "stop" | "length" | "tool_calls" | "content_filter" | "error" | "cancelled" | "budget_exceeded";
        /** @description A function of the caller, described by a JSON Schema. */
        FunctionTool: {
            /** @description Name by which the model calls it. */
            name?: string;
            /** @description What it does and when to use it. */
            description?: string;
            /** @description JSON Schema of the arguments object. */
            parameters?: Record<string, never>;
            /** @description Arguments must match the schema exactly. */
            strict?: boolean;
        };
        /** @description One call of a caller. */
        Generation: {
            /** @description Its id, `gen_…`. */
            id: string;
            /** @description The project it is booked to. */
            project?: string;
            /** @description Public id of the key. */
            key_id?: string;
            /** @description Name of the key. */
            key_name?: string;
            /** @description The caller's own customer. */
            end_user?: string;
            /** @description The session. */
            session_id?: string;
            /** @description Labels of the request. */
            metadata?: {
                [key: string]: string;
            };
            /** @description The door. */
            door?: components["schemas"]["Door"];
            /** @description The operation. */
            operation?: components["schemas"]["Operation"];
            /** @description The model. */
            model?: components["schemas"]["ModelResolution"];
            /** @description The provider that served, or was tried last. */
            provider?: string;
            /** @description Who served behind an aggregating provider. */
            upstream_provider?: string;
            /** @description The answer was streamed. */
            streamed?: boolean;
            /** @description Where it stands. */
            state?: components["schemas"]["GenerationState"];
            /** @description Why the model stopped. */
            finish_reason?: components["schemas"]["FinishReason"];
            /** @description Why it failed. */
            error_reason?: components["schemas"]["ErrorReason"];
            /** @description What was used: of one that runs, what was noted last. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description Where that comes from. */
            cost_source?: components["schemas"]["CostSource"];
            /**
             * Format: double
             * @description What the price list says it cost; absent where no price is known.
             */
            computed_cost_usd?: number;
            /** @description The price version it was computed with. */
            price_version?: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            create_time?: string;
            /**
             * Format: date-time
             * @description When it ended.
             */
            end_time?: string;
            /** @description How long it took. */
            timings?: components["schemas"]["Timings"];
            /** @description Number of upstream tries. */
            attempt_count?: number;
            /** @description What was corrected afterwards. */
            adjustments?: components["schemas"]["Adjustment"][];
        };
        /** @description What a chat was asked and what it answered, media included. */
        GenerationContent: {
            /** @description What the model was sent, oldest first, with the history and the instructions of its session. */
            messages?: components["schemas"]["Message"][];
            /** @description What it might call. */
            tools?: components["schemas"]["Tool"][];
            /** @description What it answered, as far as that came; absent where nothing did. */
            answer?: components["schemas"]["Message"];
        };
        /**
         * @description Where a generation stands.
         *
         *     - `admitted`: Begun and not yet ended.
         *     - `completed`: Ended well, also at a limit of length or budget.
         *     - `failed`: Ended with an error.
         *     - `cancelled`: The caller stopped it or went away.
         *     - `interrupted`: The gateway stopped it: shutdown or deadline.
         *     - `unknown`: The gateway died before the end; what was used is not known for certain.
         * @enum {string}
         */
        GenerationState: "admitted" | "completed" | "failed" | "cancelled" | "interrupted" | "unknown";
        /** @description One key. */
        GetApiKeyResponse: {
            /** @description The key. */
            key?: components["schemas"]["ApiKey"];
        };
        /** @description Who the caller is. */
        GetCallerResponse: {
            /** @description The project. */
            project?: string;
            /** @description Name of the project. */
            project_name?: string;
            /** @description Public id of the key. */
            key_id?: string;
            /** @description Name of the key. */
            key_name?: string;
            /** @description What the key may do. */
            scopes?: components["schemas"]["Scope"][];
            /** @description It manages all projects and the gateway. */
            all_projects?: boolean;
            /**
             * Format: date-time
             * @description When the key's time is over; absent where it never is.
             */
            expire_time?: string;
            /** @description Models that it may use, of key and project together: ids, or patterns with `*`; empty means all. */
            allowed_models?: string[];
            /** @description The limits of key and project, and what is left of them. */
            limits?: components["schemas"]["LimitStatus"][];
            /** @description The budget of which the smallest share is left; absent where there is none. */
            tightest_budget?: components["schemas"]["Budget"];
            /**
             * Format: double
             * @description What the project has cost since the first of this month, UTC; absent where no cost is known.
             */
            month_cost_usd?: number;
            /** @description Version of the gateway that answers. */
            gateway_version?: string;
            /** @description No provider is configured: only the sandbox's models answer. */
            sandbox_only?: boolean;
        };
        /** @description The configuration as meant. */
        GetConfigurationResponse: {
            /** @description Every value, by path. */
            values?: components["schemas"]["ConfigurationValue"][];
            /** @description The file that was read; empty where none was. */
            file?: string;
        };
        /** @description What was captured of one generation. */
        GetGenerationContentResponse: {
            /** @description What was kept; absent where capture was off when it began, where it still runs or the gateway died under it, where its time is over or its session was deleted, and for embeddings. */
            content?: components["schemas"]["GenerationContent"];
            /**
             * Format: date-time
             * @description When it will be deleted; absent where it is kept for ever.
             */
            expire_time?: string;
            /** @description Capture is switched on now (`privacy.capture`). */
            capturing?: boolean;
        };
        /** @description One generation in full. */
        GetGenerationResponse: {
            /** @description The generation. */
            generation?: components["schemas"]["Generation"];
            /** @description Its tries, in order. */
            attempts?: components["schemas"]["Attempt"][];
            /** @description The targets that were considered. */
            candidates?: components["schemas"]["Candidate"][];
            /** @description The prices it was computed with, and since when they were listed. */
            price?: components["schemas"]["Price"];
        };
        /** @description One model. */
        GetModelResponse: {
            /** @description The model. */
            model?: components["schemas"]["Model"];
            /** @description Its prices, newest first. */
            price_history?: components["schemas"]["Price"][];
        };
        /** @description One project. */
        GetProjectResponse: {
            /** @description The project. */
            project?: components["schemas"]["Project"];
        };
        /** @description One session. */
        GetSessionResponse: {
            /** @description The session. */
            session?: components["schemas"]["Session"];
        };
        /**
         * @description A property to sum by.
         *
         *     - `model`: By model.
         *     - `provider`: By provider.
         *     - `project`: By project.
         *     - `key`: By key.
         *     - `end_user`: By end user.
         * @enum {string}
         */
        GroupBy: "model" | "provider" | "project" | "key" | "end_user";
        /** @description When a second attempt is started beside a slow first one. */
        Hedge: {
            /** @description After a fixed time. */
            delay_ms: number;
        } | {
            /**
             * Format: double
             * @description After this quantile of the time to first token that was observed, 0 to 1.
             */
            quantile: number;
        };
        /** @description A picture. */
        Image: ({
            /** @description An http(s) URL that the provider fetches. */
            url: string;
        } | {
            /** @description The bytes themselves (base64 in JSON). */
            data: string;
        }) & {
            /** @description Media type of the bytes, such as `image/png`. Required with `data`. */
            media_type?: string;
            /** @description How closely the model looks: `low`, `high` or `auto`, where the provider knows it. */
            detail?: string;
        };
        /** @description A generated image. */
        ImagesEvent: {
            /** @description The content block it is. */
            block?: number;
            /** @description The image. */
            image?: components["schemas"]["Image"];
        };
        /**
         * @description Width of a row in time.
         *
         *     - `hour`: An hour.
         *     - `day`: A day.
         *     - `week`: A week, from Monday.
         * @enum {string}
         */
        Interval: "hour" | "day" | "week";
        /** @description A named JSON Schema. */
        JsonSchema: {
            /** @description Its name. */
            name?: string;
            /** @description What it is for. */
            description?: string;
            /** @description The schema itself. */
            schema?: Record<string, never>;
            /** @description The answer must match it exactly. */
            strict?: boolean;
        };
        /**
         * @description What a limit counts.
         *
         *     - `requests_per_minute`: Requests a minute.
         *     - `tokens_per_minute`: Tokens a minute.
         *     - `concurrent_requests`: Requests at the same time.
         * @enum {string}
         */
        LimitKind: "requests_per_minute" | "tokens_per_minute" | "concurrent_requests";
        /**
         * @description Whom a limit binds.
         *
         *     - `key`: The key.
         *     - `project`: All keys of the project together.
         * @enum {string}
         */
        LimitScope: "key" | "project";
        /** @description A limit and what is left of it now. */
        LimitStatus: {
            /** @description What it counts. */
            kind?: components["schemas"]["LimitKind"];
            /** @description Whom it binds. */
            scope?: components["schemas"]["LimitScope"];
            /** @description The limit. */
            limit?: number;
            /** @description What is left of it. */
            remaining?: number;
            /** @description How long until all of it is there again, in milliseconds; absent for requests at the same time. */
            reset_after_ms?: number;
        };
        /** @description How much may be sent. An absent limit does not limit. */
        Limits: {
            /** @description Requests a minute. */
            requests_per_minute?: number;
            /** @description Tokens a minute, input and output together. */
            tokens_per_minute?: number;
            /** @description Requests at the same time. */
            concurrent_requests?: number;
        };
        /** @description A page of keys. */
        ListApiKeysResponse: {
            /** @description The keys, newest first. */
            keys?: components["schemas"]["ApiKey"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description A page of audit events. */
        ListAuditEventsResponse: {
            /** @description The events, newest first. */
            events?: components["schemas"]["AuditEvent"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description A page of budgets. */
        ListBudgetsResponse: {
            /** @description The budgets. */
            budgets?: components["schemas"]["Budget"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description A page of generations. */
        ListGenerationsResponse: {
            /** @description The generations, newest first. */
            generations?: components["schemas"]["Generation"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description A page of messages. */
        ListMessagesResponse: {
            /** @description The messages. */
            messages?: components["schemas"]["StoredMessage"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
            /** @description Sums over the whole branch, or over all of them; on the first page only. */
            totals?: components["schemas"]["SessionTotals"];
        };
        /** @description A page of aliases. */
        ListModelAliasesResponse: {
            /** @description The aliases. */
            aliases?: components["schemas"]["ModelAlias"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description A page of models. */
        ListModelsResponse: {
            /** @description The models. */
            models?: components["schemas"]["Model"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
            /** @description How many fit the filters. */
            total_size?: number;
            /**
             * Format: date-time
             * @description When models and prices were last fetched; absent where only the built-in snapshot is known.
             */
            refresh_time?: string;
            /** @description Why the last refresh failed; empty where it did not. */
            refresh_error?: string;
        };
        /** @description A page of projects. */
        ListProjectsResponse: {
            /** @description The projects. */
            projects?: components["schemas"]["Project"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description Providers. */
        ListProvidersResponse: {
            /** @description The providers, configured ones first, then by name. */
            providers?: components["schemas"]["ProviderStatus"][];
        };
        /** @description A page of sessions. */
        ListSessionsResponse: {
            /** @description The sessions, last used first. */
            sessions?: components["schemas"]["Session"][];
            /** @description Where the next page begins; empty at the end. */
            next_page_token?: string;
        };
        /** @description Most that a model may cost, in USD per million tokens. */
        MaxPrice: {
            /**
             * Format: double
             * @description Of input.
             */
            prompt?: number;
            /**
             * Format: double
             * @description Of output.
             */
            completion?: number;
        };
        /** @description One turn of a conversation. */
        Message: {
            /** @description Who speaks. */
            role: components["schemas"]["Role"];
            /** @description What is said, in order. On the REST door a bare string is one text part. */
            content?: components["schemas"]["ContentPart"][];
            /** @description Tells speakers of one role apart, where the provider knows such a field. */
            name?: string;
            /** @description Marks the whole message as the end of a prefix to cache. */
            cache_control?: components["schemas"]["CacheControl"];
            /** @description Sources that a provider attached to this answer; sent back, a parsed file is not parsed (and paid) twice. */
            citations?: components["schemas"]["Citation"][];
            /** @description Id of the stored message; set by the gateway where the message belongs to a session. */
            id?: string;
            /** @description The stored message that this one follows; siblings with one parent are branches. */
            parent_id?: string;
        };
        /**
         * @description Order of messages.
         *
         *     - `newest`: Newest first.
         *     - `oldest`: Oldest first.
         * @enum {string}
         */
        MessageOrder: "newest" | "oldest";
        /** @description What is known before the first word. */
        MetaEvent: {
            /** @description The generation. */
            generation_id?: string;
            /** @description The session, where there is one. */
            session_id?: string;
            /** @description Which model was meant. */
            model?: components["schemas"]["ModelResolution"];
            /** @description The provider that serves. */
            provider?: string;
            /** @description What was adapted or left out. */
            warnings?: components["schemas"]["Warning"][];
            /** @description Who serves behind an aggregating provider, where it tells. */
            upstream_provider?: string;
            /** @description The model that the provider says answers. */
            upstream_model?: string;
            /** @description The stored message that this answer will be, where there is a session. */
            message_id?: string;
            /** @description The stored message that it answers. */
            parent_message_id?: string;
        };
        /** @description What a model takes of one medium. */
        ModalityLimit: {
            /** @description The medium: `image`, `file`, `audio`, `video`. */
            modality?: string;
            /** @description Media types it takes. */
            media_types?: string[];
            /**
             * Format: uint64
             * @description Most bytes of one item.
             */
            max_bytes?: number;
            /** @description Most items in a request. */
            max_count?: number;
        };
        /** @description A model. */
        Model: {
            /** @description Its id, `author/slug`. */
            id: string;
            /** @description Its name for people. */
            name?: string;
            /** @description The provider's permanent name of this version. */
            canonical_slug?: string;
            /** @description What it is good for. */
            description?: string;
            /**
             * Format: date-time
             * @description When it was released.
             */
            create_time?: string;
            /**
             * Format: date-time
             * @description When it will be withdrawn.
             */
            expire_time?: string;
            /** @description Context in tokens, input and output together. */
            context_length?: number;
            /** @description Most tokens of output; absent where unknown. */
            max_output_tokens?: number;
            /** @description What it takes: `text`, `image`, `file`, `audio`, `video`. */
            input_modalities?: string[];
            /** @description What it makes: `text`, `image`, `audio`, `embeddings`. */
            output_modalities?: string[];
            /** @description Request parameters that it takes, in OpenRouter's words. */
            supported_parameters?: string[];
            /** @description Family of its tokenizer. */
            tokenizer?: string;
            /** @description How it thinks; absent where it does not. */
            thinking?: components["schemas"]["ThinkingSupport"];
            /** @description What it costs now, at the provider that would be chosen. */
            price?: components["schemas"]["Price"];
            /** @description Where it can be had. */
            endpoints?: components["schemas"]["ModelEndpoint"][];
            /** @description What it takes of media; absent where unknown. */
            modality_limits?: components["schemas"]["ModalityLimit"][];
            /** @description The id that this name stands for, where it is an alias such as `~author/family-latest`. */
            alias_of?: string;
        };
        /** @description A name that stands for a model. */
        ModelAlias: {
            /** @description The name, as callers write it. */
            name?: string;
            /** @description The model: `author/slug`, or `<provider>/<its own id>`. */
            model?: string;
            /** @description It stands in the configuration, and can be changed only there. */
            configured?: boolean;
            /** @description Who set it: a key's public id, or `cli`; empty where it is configured. */
            creator?: string;
            /**
             * Format: date-time
             * @description When it was last set; absent where it is configured.
             */
            update_time?: string;
        };
        /** @description A model at one provider. */
        ModelEndpoint: {
            /** @description The provider. */
            provider?: string;
            /** @description The provider's own id of the model. */
            upstream_id?: string;
            /** @description What it costs there. */
            price?: components["schemas"]["Price"];
            /** @description Context there. */
            context_length?: number;
            /** @description Quantisation of the weights, where it is told. */
            quantization?: string;
            /** @description The provider is configured and in use. */
            available?: boolean;
        };
        /** @description Names of models, for fields that may be left as they are. */
        ModelList: {
            /** @description Ids, or patterns with `*` such as `anthropic/*`. */
            models?: string[];
        };
        /**
         * @description Order of a listing.
         *
         *     - `id`: By id.
         *     - `newest`: Newest first.
         *     - `price`: Cheapest input first; unknown prices last.
         *     - `context`: Longest context first.
         * @enum {string}
         */
        ModelOrder: "id" | "newest" | "price" | "context";
        /** @description Which model a name became. */
        ModelResolution: {
            /** @description The name as it was asked for. */
            requested?: string;
            /** @description The model's id. */
            resolved?: string;
            /** @description By which rule. */
            rule?: components["schemas"]["ResolutionRule"];
            /**
             * Format: double
             * @description How sure, 0 to 1.
             */
            confidence?: number;
        };
        /**
         * @description What a generation did.
         *
         *     - `chat`: A chat.
         *     - `embeddings`: Embeddings.
         * @enum {string}
         */
        Operation: "chat" | "embeddings";
        /** @description Quantiles of a time in milliseconds. Absent where nothing was measured. */
        Percentiles: {
            /**
             * Format: double
             * @description Half are faster.
             */
            p50?: number;
            /**
             * Format: double
             * @description 95 of 100 are faster.
             */
            p95?: number;
            /**
             * Format: double
             * @description 99 of 100 are faster.
             */
            p99?: number;
        };
        /** @description Prices of one model at one provider, for as long as they hold. Amounts are decimal strings in USD for one unit, exact; absent means that there is no such price. */
        Price: {
            /** @description The price version, as generations name it. */
            version?: string;
            /** @description Where it comes from: `openrouter`, `snapshot`, `configuration`, `sandbox`. */
            source?: string;
            /**
             * Format: date-time
             * @description When it was first seen.
             */
            effective_time?: string;
            /** @description A token of input. */
            input?: string;
            /** @description A token of output. */
            output?: string;
            /** @description A token read from a cache. */
            cache_read?: string;
            /** @description A token written to a cache. */
            cache_write?: string;
            /** @description A token written to a cache for an hour. */
            cache_write_1h?: string;
            /** @description A token of thinking. */
            reasoning?: string;
            /** @description A token of sound in the input. */
            audio_input?: string;
            /** @description A token of sound in the output. */
            audio_output?: string;
            /** @description A token of sound read from a cache. */
            audio_cache_read?: string;
            /** @description A token of an image in the input. */
            image_input?: string;
            /** @description A token of an image in the output. */
            image_output?: string;
            /** @description A whole request. */
            request?: string;
            /** @description A web search. */
            web_search?: string;
            /** @description Prices of longer prompts. */
            tiers?: components["schemas"]["PriceTier"][];
        };
        /** @description Prices that replace the base from a prompt size on; what is absent keeps the base price. */
        PriceTier: {
            /** @description From so many tokens of input on. */
            min_input_tokens?: number;
            /** @description The prices that change. */
            price?: components["schemas"]["Price"];
        };
        /** @description A tenant: what keys, limits, budgets, sessions and books belong to. */
        Project: {
            /** @description Its id: a short name such as `default`, chosen when it is made and never changed. */
            id: string;
            /** @description Its name for people. */
            name?: string;
            /** @description Limits of all its keys together. */
            limits?: components["schemas"]["Limits"];
            /** @description What is left of them now. */
            limit_status?: components["schemas"]["LimitStatus"][];
            /** @description Models that its keys may use: ids, or patterns with `*`; empty means all. */
            allowed_models?: string[];
            /** @description Labels. */
            metadata?: {
                [key: string]: string;
            };
            /** @description Keys that are neither revoked nor expired. */
            active_keys?: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            create_time?: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            update_time?: string;
        };
        /**
         * @description How a provider does.
         *
         *     - `not_configured`: It has no key, so nothing is sent to it.
         *     - `disabled`: The configuration switches it off.
         *     - `idle`: Nothing was sent to it lately.
         *     - `healthy`: It answers.
         *     - `degraded`: It answers in part: some tries fail, or some models are paused.
         *     - `paused`: Nothing is sent to it until its pause is over.
         * @enum {string}
         */
        ProviderHealth: "not_configured" | "disabled" | "idle" | "healthy" | "degraded" | "paused";
        /** @description A provider and how it does, as the process that answers has seen it in the last quarter of an hour. */
        ProviderStatus: {
            /** @description Its name. */
            name?: string;
            /** @description Its name for people. */
            display_name?: string;
            /** @description The wire format that it speaks. */
            dialect?: string;
            /** @description Where requests go, without credentials. */
            base_url?: string;
            /** @description How it does. */
            health?: components["schemas"]["ProviderHealth"];
            /** @description The credentials that are set. */
            credentials?: components["schemas"]["Credential"][];
            /** @description The variable that would set one, such as `MISTRAL_API_KEY`. */
            key_variable?: string;
            /** @description Models that it serves, as far as the catalogue knows. */
            models?: number;
            /** @description Breakers that are not closed. */
            breakers?: components["schemas"]["Breaker"][];
            /**
             * Format: date-time
             * @description When the pause is over, where all of it is paused.
             */
            retry_time?: string;
            /**
             * Format: uint64
             * @description Tries that were sent to it.
             */
            attempts?: number;
            /**
             * Format: uint64
             * @description Of these, how many failed by its fault.
             */
            failed_attempts?: number;
            /** @description Failures by cause. */
            errors?: components["schemas"]["ErrorCount"][];
            /** @description Time to the first token. */
            first_token_ms?: components["schemas"]["Percentiles"];
            /**
             * Format: date-time
             * @description When it last answered well.
             */
            last_success_time?: string;
            /**
             * Format: date-time
             * @description When it last failed.
             */
            last_failure_time?: string;
        };
        /** @description A tool that the provider runs, in the provider's own terms. */
        ProviderTool: {
            /** @description The provider's name for it, such as `openrouter:web_search`. */
            type?: string;
            /** @description Its settings. */
            parameters?: Record<string, never>;
        };
        /** @description A piece of the model's thinking. To be sent back as it came: providers check it. */
        Reasoning: {
            /** @description What this piece holds. */
            kind?: components["schemas"]["ReasoningKind"];
            /** @description Readable thinking or its summary; empty for encrypted pieces. */
            text?: string;
            /** @description The provider's proof that the text is unaltered. */
            signature?: string;
            /** @description Encrypted or redacted thinking, as the provider wrote it. */
            data?: string;
            /** @description Names the convention of signature and data, such as `anthropic-claude-v1`; they are sent to no other. */
            format?: string;
            /** @description The provider's id of this piece; where it equals a tool call's id it belongs to that call. */
            id?: string;
            /** @description The provider's position of this piece among its reasoning. */
            index?: number;
        };
        /** @description A piece of thinking. */
        ReasoningEvent: {
            /** @description The content block it belongs to. */
            block?: number;
            /** @description The piece: text to append; signature, data, format and id where they are new. */
            delta?: components["schemas"]["Reasoning"];
        };
        /**
         * @description What a piece of reasoning holds.
         *
         *     - `text`: The thinking itself.
         *     - `summary`: A summary that the provider made of it.
         *     - `encrypted`: Opaque data that only the provider can read.
         * @enum {string}
         */
        ReasoningKind: "text" | "summary" | "encrypted";
        /** @description Asks for fresh models and prices. */
        RefreshModelsRequest: Record<string, never>;
        /** @description What a refresh brought. */
        RefreshModelsResponse: {
            /** @description Models known now. */
            models?: number;
            /** @description Prices that are new or changed. */
            prices_changed?: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            refresh_time?: string;
        };
        /**
         * @description How a model's name was understood.
         *
         *     - `exact`: The name is a model's id.
         *     - `pinned`: The name pins a provider and its own id.
         *     - `alias`: The name is an alias.
         *     - `canonical`: The name is a model's id in another order, without author or date.
         *     - `family_default`: The family's default variant was chosen.
         *     - `fuzzy`: The name is close to a model's id.
         * @enum {string}
         */
        ResolutionRule: "exact" | "pinned" | "alias" | "canonical" | "family_default" | "fuzzy";
        /** @description What a name means. */
        ResolveModelResponse: {
            /** @description The resolution. */
            resolution?: components["schemas"]["ModelResolution"];
            /** @description The model; absent for a pinned id that no catalogue lists. */
            model?: components["schemas"]["Model"];
        };
        /** @description Shape of an answer. */
        ResponseFormat: {
            /** @description Which shape. */
            type?: components["schemas"]["ResponseFormatType"];
            /** @description The schema, for `json_schema`. */
            json_schema?: components["schemas"]["JsonSchema"];
        };
        /**
         * @description Shape of an answer.
         *
         *     - `text`: Any text.
         *     - `json_object`: Some JSON object.
         *     - `json_schema`: JSON that fits a schema.
         * @enum {string}
         */
        ResponseFormatType: "text" | "json_object" | "json_schema";
        /** @description Asks to end a key. */
        RevokeApiKeyRequest: Record<string, never>;
        /** @description The revoked key. */
        RevokeApiKeyResponse: {
            /** @description The key. */
            key?: components["schemas"]["ApiKey"];
        };
        /**
         * @description Who speaks.
         *
         *     - `system`: Instructions of the application.
         *     - `user`: The person or program that asks.
         *     - `assistant`: The model.
         *     - `tool`: A tool's answer to a call of the model.
         *     - `developer`: OpenAI's successor of `system`; sent as `system` where a provider does not know it.
         * @enum {string}
         */
        Role: "system" | "user" | "assistant" | "tool" | "developer";
        /** @description Asks for a new secret. */
        RotateApiKeyRequest: {
            /** @description Seconds for which the old secret still holds; 0 ends it at once, absent means a day. */
            grace_seconds?: number;
        };
        /** @description The key with its new secret. */
        RotateApiKeyResponse: {
            /** @description The key without its secret. */
            key?: components["schemas"]["ApiKey"];
            /** @description The key in full, as clients send it. Only its hash is kept: it cannot be read again. */
            full_key?: string;
        };
        /** @description How providers and models are chosen. */
        RoutingOptions: {
            /** @description Models to try, in order, when the first fails. */
            fallback_models?: string[];
            /** @description Providers to try first, in order. */
            order?: string[];
            /** @description Only these providers. */
            only?: string[];
            /** @description Not these providers. */
            ignore?: string[];
            /** @description Other providers than those named may serve. Default true. */
            allow_fallbacks?: boolean;
            /** @description Only providers that take every parameter of the request. */
            require_parameters?: boolean;
            /** @description Order of preference: `price`, `throughput` or `latency`. */
            sort?: string;
            /** @description `deny` leaves out providers that keep or train on prompts. */
            data_collection?: string;
            /** @description Only these quantisations, such as `fp8`. */
            quantizations?: string[];
            /** @description Most that input and output may cost. */
            max_price?: components["schemas"]["MaxPrice"];
            /** @description A second attempt when the first is slow. */
            hedge?: components["schemas"]["Hedge"];
        };
        /** @description A generation that is being written. */
        RunningGeneration: {
            /** @description Its id, by which it is rejoined or cancelled. */
            generation_id?: string;
            /** @description The message that it answers. */
            parent_message_id?: string;
        };
        /**
         * @description What a key may do.
         *
         *     - `inference`: Send requests, and see its own generations and sessions.
         *     - `admin`: All of that, and manage its project; of the project `default`: all projects and the gateway.
         * @enum {string}
         */
        Scope: "inference" | "admin";
        /** @description A kept conversation. */
        Session: {
            /** @description Its id, `ses_…`. */
            id: string;
            /** @description The project it belongs to. */
            project?: string;
            /** @description Public id of the key that made it. */
            key_id?: string;
            /** @description The caller's own customer. */
            end_user?: string;
            /** @description Its title; taken from the first prompt where none was given. */
            title?: string;
            /** @description Instructions that come before every conversation with it. */
            system_prompt?: string;
            /** @description The model of requests that name none. */
            model?: string;
            /** @description Settings of requests that do not give their own. */
            settings?: components["schemas"]["SessionSettings"];
            /** @description The message that the next one follows; it names the branch that is shown. */
            leaf_message_id?: string;
            /** @description What is being written in it now, oldest first. */
            running_generations?: components["schemas"]["RunningGeneration"][];
            /** @description Sums over all its branches. */
            totals?: components["schemas"]["SessionTotals"];
            /** @description Labels. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When it was made.
             */
            create_time?: string;
            /**
             * Format: date-time
             * @description When it was last used or changed.
             */
            update_time?: string;
            /** @description Days that it is kept after its last use, 0 for ever; absent where the gateway's own rule holds. */
            retention_days?: number;
            /**
             * Format: date-time
             * @description When it will be deleted unless it is used again; absent where it is kept for ever.
             */
            expire_time?: string;
        };
        /**
         * @description Shape of an exported session.
         *
         *     - `markdown`: Markdown, for people.
         *     - `json`: JSON: the session and its messages as this contract has them.
         * @enum {string}
         */
        SessionExportFormat: "markdown" | "json";
        /** @description Settings of requests that do not give their own. Fields have the names, meanings and numbers that they have in ChatRequest. */
        SessionSettings: {
            /** @description Most tokens the model may write, thinking included. */
            max_output_tokens?: number;
            /**
             * Format: double
             * @description Randomness, 0 to 2.
             */
            temperature?: number;
            /**
             * Format: double
             * @description Nucleus sampling, 0 to 1.
             */
            top_p?: number;
            /** @description Sample from this many likeliest tokens. */
            top_k?: number;
            /**
             * Format: double
             * @description Sample from tokens at least this likely, relative to the likeliest.
             */
            min_p?: number;
            /**
             * Format: double
             * @description Penalty for tokens that are present, -2 to 2.
             */
            presence_penalty?: number;
            /**
             * Format: double
             * @description Penalty by a token's frequency, -2 to 2.
             */
            frequency_penalty?: number;
            /**
             * Format: double
             * @description Multiplicative penalty for repetition.
             */
            repetition_penalty?: number;
            /**
             * Format: int64
             * @description Asks for the same answer to the same request.
             */
            seed?: string;
            /** @description Texts at which the model stops. */
            stop?: string[];
            /** @description What the model may call. */
            tools?: components["schemas"]["Tool"][];
            /** @description Which tools it must or may call. */
            tool_choice?: components["schemas"]["ToolChoice"];
            /** @description Several calls in one turn are welcome. */
            parallel_tool_calls?: boolean;
            /** @description Shape of the answer. */
            response_format?: components["schemas"]["ResponseFormat"];
            /** @description How much the model thinks. */
            thinking?: components["schemas"]["Thinking"];
            /** @description Searches the web before answering. */
            web_search?: components["schemas"]["WebSearch"];
            /** @description Kinds of output asked for: `text`, `image`, `audio`. */
            modalities?: string[];
            /** @description Settings of generated images, in the provider's terms. */
            image_config?: Record<string, never>;
            /** @description Settings of generated sound. */
            audio?: components["schemas"]["AudioConfig"];
            /** @description How verbose the answer is: `low`, `medium` or `high`. */
            verbosity?: string;
            /** @description The provider's service tier, such as `flex` or `priority`. */
            service_tier?: string;
            /** @description How providers and models are chosen. */
            routing?: components["schemas"]["RoutingOptions"];
            /**
             * Format: double
             * @description A generation is stopped when it would cost more than this.
             */
            max_cost_usd?: number;
            /** @description Further fields for the provider, in its own terms and only understood by its own dialect. */
            provider_options?: Record<string, never>;
        };
        /** @description Sums over the messages of a session or branch. */
        SessionTotals: {
            /** @description Messages. */
            messages?: number;
            /**
             * Format: double
             * @description Cost of those whose cost is known; absent where none is.
             */
            cost_usd?: number;
            /** @description Generations whose cost is unknown. */
            unknown_cost_requests?: number;
            /**
             * Format: uint64
             * @description Everything on the input side, in tokens.
             */
            total_input_tokens?: number;
            /**
             * Format: uint64
             * @description Everything on the output side, in tokens.
             */
            total_output_tokens?: number;
        };
        /** @description What a name should stand for. */
        SetModelAliasRequest: {
            /** @description The name. */
            name: string;
            /** @description The model: `author/slug`, or `<provider>/<its own id>`. */
            model: string;
        };
        /** @description The alias. */
        SetModelAliasResponse: {
            /** @description The alias. */
            alias?: components["schemas"]["ModelAlias"];
        };
        /** @description A message as it is kept, with what is known of its making. Only messages of a model have a generation. */
        StoredMessage: {
            /** @description The message with its own id and its parent's. */
            message?: components["schemas"]["Message"];
            /** @description Ids of the messages with the same parent, this one among them, oldest first. */
            sibling_ids?: string[];
            /**
             * Format: date-time
             * @description When it was said.
             */
            create_time?: string;
            /** @description The generation that wrote it. */
            generation_id?: string;
            /** @description Where that generation stands. */
            state?: components["schemas"]["GenerationState"];
            /** @description Which model was meant. */
            model?: components["schemas"]["ModelResolution"];
            /** @description The provider that served. */
            provider?: string;
            /** @description Who served behind an aggregating provider, where it tells. */
            upstream_provider?: string;
            /** @description What was adapted or left out. */
            warnings?: components["schemas"]["Warning"][];
            /** @description Why the model stopped. */
            finish_reason?: components["schemas"]["FinishReason"];
            /** @description Why it failed; the message then holds what came before. */
            error?: components["schemas"]["ErrorDetail"];
            /** @description What was used. */
            usage?: components["schemas"]["Usage"];
            /**
             * Format: double
             * @description What it cost; absent where unknown.
             */
            cost_usd?: number;
            /** @description Where the cost comes from. */
            cost_source?: components["schemas"]["CostSource"];
            /** @description How long it took. */
            timings?: components["schemas"]["Timings"];
        };
        /** @description Sums. */
        SummarizeUsageResponse: {
            /** @description A row for each interval and group in which something happened, oldest first. */
            rows?: components["schemas"]["UsageRow"][];
            /** @description Everything together. */
            total?: components["schemas"]["UsageTotals"];
            /** @description The same of the span before, where asked for. */
            previous?: components["schemas"]["UsageTotals"];
        };
        /** @description The one knob for thinking. What a model cannot do is clamped, with a warning. */
        Thinking: ({
            /** @description Off, or as the model sees fit. */
            mode: components["schemas"]["ThinkingMode"];
        } | {
            /** @description By effort. */
            effort: components["schemas"]["ThinkingEffort"];
        } | {
            /** @description By a number of tokens. */
            budget_tokens: number;
        }) & {
            /** @description Think, but do not return the thinking. */
            exclude?: boolean;
        };
        /**
         * @description How hard the model thinks.
         *
         *     - `minimal`: The least that still is thinking.
         *     - `low`: Little.
         *     - `medium`: The middle.
         *     - `high`: Much.
         *     - `xhigh`: Very much.
         *     - `max`: All that the model can.
         * @enum {string}
         */
        ThinkingEffort: "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
        /**
         * @description Whether the model thinks at all.
         *
         *     - `off`: No thinking.
         *     - `auto`: As much as the model sees fit.
         * @enum {string}
         */
        ThinkingMode: "off" | "auto";
        /** @description How a model thinks. */
        ThinkingSupport: {
            /** @description It always thinks. */
            mandatory?: boolean;
            /** @description It thinks unless told not to. */
            default_enabled?: boolean;
            /** @description The effort it takes when none is given. */
            default_effort?: string;
            /** @description The efforts it knows. */
            supported_efforts?: string[];
        };
        /** @description How long a call took, in milliseconds. */
        Timings: {
            /**
             * Format: double
             * @description From the request's arrival to the first event with content; absent where there was none.
             */
            first_token_ms?: number;
            /**
             * Format: double
             * @description From the request's arrival to its end.
             */
            total_ms?: number;
            /**
             * Format: double
             * @description The gateway's own share: everything but waiting for the provider.
             */
            overhead_ms?: number;
        };
        /** @description A piece of text. */
        TokenEvent: {
            /** @description The content block it belongs to; blocks are numbered in the order in which they begin. */
            block?: number;
            /** @description The text. */
            text?: string;
            /** @description The text declines to answer. */
            refusal?: boolean;
            /** @description Log probabilities of its tokens, where asked for. */
            logprobs?: components["schemas"]["TokenLogprob"][];
        };
        /** @description Token ids. */
        TokenIds: {
            /** @description The ids. */
            ids?: number[];
        };
        /** @description How likely a token was. */
        TokenLogprob: {
            /** @description The token. */
            token?: string;
            /**
             * Format: double
             * @description Natural logarithm of its probability.
             */
            logprob?: number;
            /** @description The alternatives. */
            top?: components["schemas"]["TokenLogprob"][];
            /** @description Its bytes, where the provider tells them. */
            bytes?: string;
        };
        /** @description Something the model may call. */
        Tool: ({
            /** @description A function of the caller. */
            function: components["schemas"]["FunctionTool"];
        } | {
            /** @description A function of the caller that takes free text. */
            custom: components["schemas"]["CustomTool"];
        } | {
            /** @description A tool that the provider runs. */
            provider: components["schemas"]["ProviderTool"];
        }) & {
            /** @description Marks this tool as the end of a prefix to cache. */
            cache_control?: components["schemas"]["CacheControl"];
        };
        /** @description A call that the model asks for. */
        ToolCall: {
            /** @description Unique within the conversation; the result refers to it. Made by the gateway where the provider sends none. */
            id?: string;
            /** @description Name of the tool. */
            name?: string;
            /** @description Arguments as the model wrote them: JSON text, or free text for a custom tool. May be cut short when the finish reason is `length`. */
            arguments?: string;
            /** @description The tool takes free text instead of JSON. */
            custom?: boolean;
            /** @description The provider runs the tool itself; the caller owes no result. */
            provider_executed?: boolean;
        };
        /** @description A piece of a tool call. */
        ToolCallsEvent: {
            /** @description The content block it belongs to; one block a call. */
            block?: number;
            /** @description The call's id; in its first event. */
            id?: string;
            /** @description The tool's name; in its first event. */
            name?: string;
            /** @description Text to append to the arguments. */
            arguments?: string;
            /** @description The tool takes free text instead of JSON. */
            custom?: boolean;
            /** @description The provider runs the tool itself. */
            provider_executed?: boolean;
        };
        /** @description Which tools the model must or may call. */
        ToolChoice: {
            /** @description A general rule. */
            mode: components["schemas"]["ToolChoiceMode"];
        } | {
            /** @description Name of the one tool that must be called. */
            name: string;
        };
        /**
         * @description Whether the model calls tools at its own discretion.
         *
         *     - `auto`: The model decides.
         *     - `none`: No tool may be called.
         *     - `required`: At least one tool must be called.
         * @enum {string}
         */
        ToolChoiceMode: "auto" | "none" | "required";
        /** @description What a tool answered. */
        ToolResult: {
            /** @description The call that is answered. */
            tool_call_id: string;
            /** @description The answer; text and, where the model takes them, images. On the REST door a bare string is one text part. */
            content?: components["schemas"]["ContentPart"][];
            /** @description The tool failed; the content says how. */
            is_error?: boolean;
            /** @description Name of the tool, for providers that match results by name. */
            name?: string;
        };
        /** @description What should change. What is absent stays as it is; scopes never change. */
        UpdateApiKeyRequest: {
            /** @description Its name for people. */
            name?: string;
            /**
             * Format: date-time
             * @description When its time is over.
             */
            expire_time?: string;
            /** @description Its time is never over; not together with `expire_time`. */
            never_expires?: boolean;
            /** @description Its limits; replaces all of them. */
            limits?: components["schemas"]["Limits"];
            /** @description Models that it may use, of those that the project may; an empty list means all of them. */
            allowed_models?: components["schemas"]["ModelList"];
            /** @description Labels to set; one with an empty value is removed, the others stay. */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description The changed key. */
        UpdateApiKeyResponse: {
            /** @description The key. */
            key?: components["schemas"]["ApiKey"];
        };
        /** @description What should change. What is absent stays as it is; scope and window never change. */
        UpdateBudgetRequest: {
            /** @description Its name for people. */
            name?: string;
            /** @description What happens at the limit. */
            enforcement?: components["schemas"]["BudgetEnforcement"];
            /**
             * Format: double
             * @description The limit; it may be below what is spent already.
             */
            limit_usd?: number;
        };
        /** @description The changed budget. */
        UpdateBudgetResponse: {
            /** @description The budget. */
            budget?: components["schemas"]["Budget"];
        };
        /** @description What should change. What is absent stays as it is. */
        UpdateProjectRequest: {
            /** @description Its name for people. */
            name?: string;
            /** @description Limits of all its keys together; replaces all of them. */
            limits?: components["schemas"]["Limits"];
            /** @description Models that its keys may use; an empty list means all. */
            allowed_models?: components["schemas"]["ModelList"];
            /** @description Labels to set; one with an empty value is removed, the others stay. */
            metadata?: {
                [key: string]: string;
            };
        };
        /** @description The changed project. */
        UpdateProjectResponse: {
            /** @description The project. */
            project?: components["schemas"]["Project"];
        };
        /** @description What should change. What is absent stays as it is. */
        UpdateSessionRequest: {
            /** @description Its title; empty takes it from the first prompt again. */
            title?: string;
            /** @description Instructions that come before every conversation with it. */
            system_prompt?: string;
            /** @description The model of requests that name none. */
            model?: string;
            /** @description Settings of requests that do not give their own; replaces all of them. */
            settings?: components["schemas"]["SessionSettings"];
            /** @description The message that the next one follows. */
            leaf_message_id?: string;
            /** @description Labels to set; one with an empty value is removed, the others stay. */
            metadata?: {
                [key: string]: string;
            };
            /** @description Days that it is kept after its last use, 0 for ever. */
            retention_days?: number;
        };
        /** @description The changed session. */
        UpdateSessionResponse: {
            /** @description The session. */
            session?: components["schemas"]["Session"];
        };
        /** @description Tokens of one call, by class. Classes do not overlap; an absent class was not reported, which is not zero. */
        Usage: {
            /** @description Input neither read from nor written to a cache, without media counted apart. */
            input_tokens?: number;
            /** @description Input read from a cache. */
            cache_read_tokens?: number;
            /** @description Input written to a cache for five minutes, or for the provider's default time. */
            cache_write_tokens?: number;
            /** @description Input written to a cache for an hour. */
            cache_write_1h_tokens?: number;
            /** @description Visible output. */
            output_tokens?: number;
            /** @description Thinking. */
            reasoning_tokens?: number;
            /** @description Sound in the input, where counted apart. */
            audio_input_tokens?: number;
            /** @description Sound in the output, where counted apart. */
            audio_output_tokens?: number;
            /** @description Images in the input, where counted apart. */
            image_input_tokens?: number;
            /** @description Images in the output, where counted apart. */
            image_output_tokens?: number;
            /** @description Web searches that the provider ran. */
            web_searches?: number;
            /** @description Everything on the input side. */
            total_input_tokens?: number;
            /** @description Everything on the output side. */
            total_output_tokens?: number;
            /** @description Where the counts come from. */
            source?: components["schemas"]["UsageSource"];
        };
        /** @description Sums of one interval and group. */
        UsageRow: {
            /**
             * Format: date-time
             * @description Where the interval begins.
             */
            start?: string;
            /** @description The model, where summed by model. */
            model?: string;
            /** @description The provider, where summed by provider. */
            provider?: string;
            /** @description The project, where summed by project. */
            project?: string;
            /** @description Public id of the key, where summed by key. */
            key_id?: string;
            /** @description The end user, where summed by end user. */
            end_user?: string;
            /** @description The sums. */
            totals?: components["schemas"]["UsageTotals"];
        };
        /**
         * @description Where token counts come from.
         *
         *     - `provider`: The provider reported them.
         *     - `estimated`: The gateway counted, because the provider did not.
         *     - `unknown`: Nobody knows.
         * @enum {string}
         */
        UsageSource: "provider" | "estimated" | "unknown";
        /** @description Sums of some generations. */
        UsageTotals: {
            /**
             * Format: uint64
             * @description Generations.
             */
            requests?: number;
            /**
             * Format: uint64
             * @description Of these, how many failed.
             */
            failed_requests?: number;
            /**
             * Format: uint64
             * @description Upstream tries beyond the first.
             */
            extra_attempts?: number;
            /**
             * Format: uint64
             * @description Input tokens, by class as in `Usage`.
             */
            input_tokens?: number;
            /**
             * Format: uint64
             * @description Tokens read from a cache.
             */
            cache_read_tokens?: number;
            /**
             * Format: uint64
             * @description Tokens written to a cache, for any time.
             */
            cache_write_tokens?: number;
            /**
             * Format: uint64
             * @description Visible output tokens.
             */
            output_tokens?: number;
            /**
             * Format: uint64
             * @description Thinking tokens.
             */
            reasoning_tokens?: number;
            /**
             * Format: uint64
             * @description Tokens of sound and images, both ways.
             */
            media_tokens?: number;
            /**
             * Format: uint64
             * @description Everything on the input side.
             */
            total_input_tokens?: number;
            /**
             * Format: uint64
             * @description Everything on the output side.
             */
            total_output_tokens?: number;
            /**
             * Format: double
             * @description Cost of those whose cost is known.
             */
            cost_usd?: number;
            /**
             * Format: uint64
             * @description Generations whose cost is unknown.
             */
            unknown_cost_requests?: number;
            /** @description Time to the first token. */
            first_token_ms?: components["schemas"]["Percentiles"];
            /** @description Time to the end. */
            total_ms?: components["schemas"]["Percentiles"];
            /** @description Failures by cause. */
            errors?: components["schemas"]["ErrorCount"][];
        };
        /** @description What a limit or budget would say. */
        Verdict: {
            /** @description Name of the limit or budget. */
            name?: string;
            /** @description It lets the request pass. */
            allowed?: boolean;
            /** @description Why, for people. */
            message?: string;
            /**
             * Format: double
             * @description What is left of it, in its own unit.
             */
            remaining?: number;
            /** @description Its unit: `usd`, `requests`, `tokens`. */
            unit?: string;
        };
        /** @description A moving picture. */
        Video: ({
            /** @description An http(s) URL that the provider fetches. */
            url: string;
        } | {
            /** @description The bytes themselves (base64 in JSON). */
            data: string;
        }) & {
            /** @description Media type of the bytes, such as `video/mp4`. Required with `data`. */
            media_type?: string;
        };
        /** @description Something that was adapted or left out on the way to the provider. */
        Warning: {
            /** @description For programs, such as `parameter_dropped`. */
            code?: string;
            /** @description The request's field. */
            field?: string;
            /** @description For people. */
            message?: string;
        };
        /** @description Web search by the provider. The message's presence switches it on. */
        WebSearch: {
            /** @description Most results to read. */
            max_results?: number;
            /** @description Most searches to make. */
            max_uses?: number;
            /** @description How much of the results the model reads: `low`, `medium` or `high`. */
            context_size?: string;
            /** @description Only these domains. */
            allowed_domains?: string[];
            /** @description Not these domains. */
            excluded_domains?: string[];
            /** @description Where the user is, in the provider's terms. */
            user_location?: Record<string, never>;
        };
        /** @description A part of a message; which kinds are allowed depends on the role and the model. */
        OpenAiContentPart: {
            /** @constant */
            type: "text";
            text: string;
            /** @description Marks the end of a prefix to cache. */
            cache_control?: {
                type?: string | null;
                /** @description How long it is kept: `5m` or `1h`. */
                ttl?: string | null;
            } | null;
        } | {
            /** @constant */
            type: "refusal";
            refusal: string;
        } | {
            /** @constant */
            type: "image_url";
            image_url: string | {
                /** @description An http(s) URL, or a base64 `data:` URL. */
                url: string;
                /** @description `low`, `high` or `auto`. */
                detail?: string | null;
            };
            /** @description Marks the end of a prefix to cache. */
            cache_control?: {
                type?: string | null;
                /** @description How long it is kept: `5m` or `1h`. */
                ttl?: string | null;
            } | null;
        } | {
            /** @constant */
            type: "file";
            file: {
                filename?: string | null;
                /** @description A URL, a base64 `data:` URL, or base64. */
                file_data?: string | null;
                /** @description Id of a file that was uploaded to the provider before. */
                file_id?: string | null;
            };
            /** @description Marks the end of a prefix to cache. */
            cache_control?: {
                type?: string | null;
                /** @description How long it is kept: `5m` or `1h`. */
                ttl?: string | null;
            } | null;
        } | {
            /** @constant */
            type: "input_audio";
            input_audio: {
                /** @description Base64. */
                data: string;
                /** @description Encoding, such as `wav` or `mp3`. */
                format: string;
            };
        } | {
            /** @constant */
            type: "video_url";
            video_url: string | {
                url: string;
            };
        } | string;
        /** @description A call that the model asks for. */
        OpenAiToolCall: {
            id: string;
            type?: string | null;
            index?: number | null;
            /** @description Name and JSON text of the arguments. */
            function?: {
                name: string;
                arguments?: string | null;
            } | null;
            /** @description Name and free text. */
            custom?: {
                name: string;
                input?: string | null;
            } | null;
        } | {
            function: Record<string, never>;
        } | {
            custom: Record<string, never>;
        };
        /** @description A piece of thinking, to be sent back as it came. */
        OpenAiReasoningDetail: {
            /** @description `reasoning.text`, `reasoning.summary` or `reasoning.encrypted`. */
            type?: string | null;
            text?: string | null;
            summary?: string | null;
            data?: string | null;
            signature?: string | null;
            id?: string | null;
            format?: string | null;
            index?: number | null;
        };
        /** @description One turn of a conversation. */
        OpenAiMessage: {
            /** @enum {string} */
            role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
            content?: string | components["schemas"]["OpenAiContentPart"][] | null;
            name?: string | null;
            /** @description The call that a message of a tool answers. */
            tool_call_id?: string | null;
            /** @description Calls of the assistant. */
            tool_calls?: components["schemas"]["OpenAiToolCall"][] | null;
            /** @description Text in which the assistant declined. */
            refusal?: string | null;
            /** @description Thinking of the assistant. */
            reasoning?: string | null;
            /** @description The same with what providers check. */
            reasoning_details?: components["schemas"]["OpenAiReasoningDetail"][] | null;
            /** @description Marks the end of a prefix to cache. */
            cache_control?: {
                type?: string | null;
                /** @description How long it is kept: `5m` or `1h`. */
                ttl?: string | null;
            } | null;
        };
        /** @description Something the model may call. */
        OpenAiTool: {
            /** @description `function`, `custom`, or the name of a tool that the provider runs. */
            type: string;
            /** @description For `function`. */
            function?: {
                name: string;
                description?: string | null;
                /** @description JSON Schema of the arguments. */
                parameters?: Record<string, never> | null;
                strict?: boolean | null;
            } | null;
            /** @description For `custom`. */
            custom?: {
                name: string;
                description?: string | null;
                format?: Record<string, never> | null;
            } | null;
            /** @description Marks the end of a prefix to cache. */
            cache_control?: {
                type?: string | null;
                /** @description How long it is kept: `5m` or `1h`. */
                ttl?: string | null;
            } | null;
        } & (unknown & unknown);
        /** @description A chat request in OpenAI's format, with OpenRouter's additions. A field that is null counts as absent. Further fields go to providers that speak this format. */
        OpenAiChatRequest: {
            /** @description The model, as `author/slug`, `<provider>/<its own id>`, an alias, or a name close to one. */
            model: string;
            /** @description Models to try, in order, when the first fails. */
            models?: string[] | null;
            /** @description How providers are chosen, in OpenRouter's words. */
            provider?: {
                order?: string[] | null;
                only?: string[] | null;
                ignore?: string[] | null;
                allow_fallbacks?: boolean | null;
                require_parameters?: boolean | null;
                /** @description `price`, `throughput` or `latency`; an object is for OpenRouter. */
                sort?: string | Record<string, never> | null;
                /** @description `allow` or `deny`. */
                data_collection?: string | null;
                quantizations?: string[] | null;
                /** @description USD per million tokens. */
                max_price?: {
                    prompt?: number | string | null;
                    completion?: number | string | null;
                } | null;
            } | null;
            /** @description The caller's own customer, for books and limits. */
            user?: string | null;
            /** @description Labels kept with the generation. */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description The conversation so far, oldest first. */
            messages: components["schemas"]["OpenAiMessage"][];
            /** @description Answer with server-sent events. */
            stream?: boolean | null;
            stream_options?: {
                /** @description A last chunk tells usage and cost. */
                include_usage?: boolean | null;
            } | null;
            /** @description Most tokens the model may write, thinking included. */
            max_completion_tokens?: number | null;
            /** @description The older name of the same. */
            max_tokens?: number | null;
            /** @description Randomness, 0 to 2. */
            temperature?: number | null;
            /** @description Nucleus sampling, 0 to 1. */
            top_p?: number | null;
            /** @description Sample from this many likeliest tokens. */
            top_k?: number | null;
            /** @description Sample from tokens at least this likely, relative to the likeliest. */
            min_p?: number | null;
            /** @description Penalty for tokens that are present, -2 to 2. */
            presence_penalty?: number | null;
            /** @description Penalty by a token's frequency, -2 to 2. */
            frequency_penalty?: number | null;
            /** @description Multiplicative penalty for repetition. */
            repetition_penalty?: number | null;
            /** @description Asks for the same answer to the same request. */
            seed?: number | null;
            /** @description Texts at which the model stops. */
            stop?: string | string[] | null;
            /** @description Asks for the log probabilities of output tokens. */
            logprobs?: boolean | null;
            /** @description That many alternatives for each token. */
            top_logprobs?: number | null;
            /** @description Bias by token id, -100 to 100. */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /** @description What the model may call. */
            tools?: components["schemas"]["OpenAiTool"][] | null;
            /** @description Which tools it must or may call; an object names one: `{"type": "function", "function": {"name": …}}`. */
            tool_choice?: ("auto" | "none" | "required" | "any") | Record<string, never> | null;
            /** @description Several calls in one turn are welcome. */
            parallel_tool_calls?: boolean | null;
            /** @description Shape of the answer. */
            response_format?: {
                /** @enum {string} */
                type: "text" | "json_object" | "json_schema";
                /** @description The schema and its name, for `json_schema`. */
                json_schema?: {
                    name?: string | null;
                    description?: string | null;
                    schema?: Record<string, never> | null;
                    strict?: boolean | null;
                } | null;
            } | null;
            /** @description How much the model thinks, in OpenRouter's words. */
            reasoning?: {
                effort?: ("none" | "auto" | "default" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                /** @description A budget of tokens. */
                max_tokens?: number | null;
                enabled?: boolean | null;
                /** @description Think, but do not return the thinking. */
                exclude?: boolean | null;
            } | null;
            /** @description The same, in OpenAI's. */
            reasoning_effort?: ("none" | "auto" | "default" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @description Return the thinking. */
            include_reasoning?: boolean | null;
            /** @description `{"id": "web"}` searches the web before answering; others are for OpenRouter. */
            plugins?: {
                id?: string;
                max_results?: number | null;
            }[] | null;
            /** @description Searches the web, in OpenAI's words. */
            web_search_options?: {
                /** @description `low`, `medium` or `high`. */
                search_context_size?: string | null;
                user_location?: Record<string, never> | null;
            } | null;
            /** @description Kinds of output asked for: `text`, `image`, `audio`. */
            modalities?: string[] | null;
            /** @description Settings of generated images. */
            image_config?: Record<string, never> | null;
            /** @description Voice and format of generated sound. */
            audio?: Record<string, never> | null;
            /** @description `low`, `medium` or `high`. */
            verbosity?: string | null;
            /** @description The provider's service tier. */
            service_tier?: string | null;
            /** @description Groups requests that share a cached prefix. */
            prompt_cache_key?: string | null;
            /** @description The gateway's session to continue; also the header `x-session-id`. */
            session_id?: string | null;
            /** @description The stored message to continue from. */
            parent_message_id?: string | null;
            /** @description Begins a branch at the very beginning of the session; excludes `parent_message_id`. */
            from_start?: boolean | null;
            /** @description The generation is stopped when it would cost more than this. */
            max_cost_usd?: number | null;
        };
        /** @description What was used, by class, and what it cost. */
        OpenAiUsage: {
            prompt_tokens: number;
            completion_tokens?: number;
            total_tokens: number;
            /** @description In USD; absent where unknown. */
            cost?: number;
            prompt_tokens_details?: {
                cached_tokens?: number | null;
                cache_write_tokens?: number | null;
                audio_tokens?: number | null;
                image_tokens?: number | null;
            } | null;
            completion_tokens_details?: {
                reasoning_tokens?: number | null;
                audio_tokens?: number | null;
                image_tokens?: number | null;
            } | null;
            server_tool_use_details?: {
                web_search_requests?: number;
            } | null;
        };
        /** @description Log probabilities of the answer's tokens. */
        OpenAiLogprobs: {
            content: {
                token: string;
                logprob: number;
                bytes: number[] | null;
                top_logprobs: {
                    token: string;
                    logprob: number;
                    bytes: number[] | null;
                }[];
            }[] | null;
            refusal: {
                token: string;
                logprob: number;
                bytes: number[] | null;
                top_logprobs: {
                    token: string;
                    logprob: number;
                    bytes: number[] | null;
                }[];
            }[] | null;
        };
        /** @description A whole answer. Further fields are the provider's. */
        OpenAiChatResponse: {
            /** @description The generation. */
            id: string;
            /** @constant */
            object: "chat.completion";
            /** @description Seconds since 1970. */
            created: number;
            /** @description The model that answered. */
            model: string;
            /** @description Who served. */
            provider: string;
            choices: {
                index: number;
                message: {
                    /** @constant */
                    role: "assistant";
                    content: string | null;
                    refusal: string | null;
                    reasoning: string | null;
                    reasoning_details?: components["schemas"]["OpenAiReasoningDetail"][];
                    tool_calls?: components["schemas"]["OpenAiToolCall"][];
                    images?: {
                        /** @constant */
                        type: "image_url";
                        image_url: {
                            /** @description A URL, or a base64 `data:` URL. */
                            url: string;
                        };
                        index?: number;
                    }[];
                    annotations?: ({
                        /** @constant */
                        type: "url_citation";
                        url_citation: {
                            url: string;
                            title?: string;
                            content?: string;
                            start_index?: number;
                            end_index?: number;
                        };
                    } | {
                        /** @constant */
                        type: "file";
                        file: Record<string, never>;
                    })[];
                    audio?: {
                        id?: string;
                        /** @description Base64. */
                        data?: string;
                        transcript?: string;
                        format?: string;
                    };
                };
                /** @enum {string} */
                finish_reason: "stop" | "length" | "tool_calls" | "content_filter" | "error";
                native_finish_reason: string | null;
                logprobs: components["schemas"]["OpenAiLogprobs"] | null;
            }[];
            usage?: components["schemas"]["OpenAiUsage"];
            /** @description What was adapted or left out. */
            warnings?: components["schemas"]["Warning"][];
        };
        /** @description A piece of an answer. */
        OpenAiChatChunk: {
            /** @description The generation. */
            id: string;
            /** @constant */
            object: "chat.completion.chunk";
            /** @description Seconds since 1970. */
            created: number;
            /** @description The model that answered. */
            model: string;
            /** @description Who served. */
            provider: string;
            choices: {
                index: number;
                delta: {
                    /** @constant */
                    role?: "assistant";
                    content?: string;
                    refusal?: string;
                    reasoning?: string;
                    reasoning_details?: components["schemas"]["OpenAiReasoningDetail"][];
                    tool_calls?: {
                        index: number;
                        /** @description In the call's first piece. */
                        id?: string;
                        /** @enum {string} */
                        type?: "function" | "custom";
                        function?: {
                            name?: string;
                            /** @description Text to append. */
                            arguments?: string;
                        };
                        custom?: {
                            name?: string;
                            /** @description Text to append. */
                            input?: string;
                        };
                    }[];
                    images?: {
                        /** @constant */
                        type: "image_url";
                        image_url: {
                            /** @description A URL, or a base64 `data:` URL. */
                            url: string;
                        };
                        index?: number;
                    }[];
                    annotations?: ({
                        /** @constant */
                        type: "url_citation";
                        url_citation: {
                            url: string;
                            title?: string;
                            content?: string;
                            start_index?: number;
                            end_index?: number;
                        };
                    } | {
                        /** @constant */
                        type: "file";
                        file: Record<string, never>;
                    })[];
                    audio?: {
                        id?: string;
                        /** @description Base64. */
                        data?: string;
                        transcript?: string;
                        format?: string;
                    };
                };
                /** @enum {unknown} */
                finish_reason: "stop" | "length" | "tool_calls" | "content_filter" | "error" | null;
                native_finish_reason?: string | null;
                logprobs?: components["schemas"]["OpenAiLogprobs"] | null;
            }[];
            usage?: components["schemas"]["OpenAiUsage"];
            warnings?: components["schemas"]["Warning"][];
            error?: components["schemas"]["OpenAiErrorDetail"];
        };
        /** @description A text, token ids, or parts of text and images. */
        OpenAiEmbeddingsInput: string | number[] | {
            content: string | components["schemas"]["OpenAiContentPart"][];
        };
        /** @description A request for embeddings in OpenAI's format. Further fields go to providers that speak it. */
        OpenAiEmbeddingsRequest: {
            /** @description The model, as `author/slug`, `<provider>/<its own id>`, an alias, or a name close to one. */
            model: string;
            /** @description Models to try, in order, when the first fails. */
            models?: string[] | null;
            /** @description How providers are chosen, in OpenRouter's words. */
            provider?: {
                order?: string[] | null;
                only?: string[] | null;
                ignore?: string[] | null;
                allow_fallbacks?: boolean | null;
                require_parameters?: boolean | null;
                /** @description `price`, `throughput` or `latency`; an object is for OpenRouter. */
                sort?: string | Record<string, never> | null;
                /** @description `allow` or `deny`. */
                data_collection?: string | null;
                quantizations?: string[] | null;
                /** @description USD per million tokens. */
                max_price?: {
                    prompt?: number | string | null;
                    completion?: number | string | null;
                } | null;
            } | null;
            /** @description The caller's own customer, for books and limits. */
            user?: string | null;
            /** @description Labels kept with the generation. */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description One input, or a list of them. */
            input: string | number[] | components["schemas"]["OpenAiEmbeddingsInput"][] | {
                content: string | components["schemas"]["OpenAiContentPart"][];
            };
            /** @description How the vectors are written; default `float`. */
            encoding_format?: ("float" | "base64") | null;
            /** @description Length of the vectors, where the model lets choose. */
            dimensions?: number | null;
            /** @description What the vectors are for, where the model distinguishes. */
            input_type?: string | null;
        };
        /** @description The vectors. Where a provider of this format wrote them as the caller wants them, the answer is the provider's own. */
        OpenAiEmbeddingsResponse: {
            /** @constant */
            object: "list";
            data: {
                /** @constant */
                object: "embedding";
                index: number;
                embedding: number[] | string;
            }[];
            model: string;
            provider?: string;
            usage?: components["schemas"]["OpenAiUsage"];
            /** @description The generation. */
            id?: string;
            warnings?: components["schemas"]["Warning"][];
        };
        /** @description Decimal strings in USD for one unit; absent where there is no such price. */
        OpenAiPricing: {
            prompt?: string;
            completion?: string;
            input_cache_read?: string;
            input_cache_write?: string;
            input_cache_write_1h?: string;
            internal_reasoning?: string;
            audio?: string;
            audio_output?: string;
            input_audio_cache?: string;
            image?: string;
            image_output?: string;
            request?: string;
            web_search?: string;
            /** @description Prices of longer prompts. */
            overrides?: {
                prompt?: string;
                completion?: string;
                input_cache_read?: string;
                input_cache_write?: string;
                input_cache_write_1h?: string;
                internal_reasoning?: string;
                audio?: string;
                audio_output?: string;
                input_audio_cache?: string;
                image?: string;
                image_output?: string;
                request?: string;
                web_search?: string;
                min_prompt_tokens: number;
            }[];
        };
        /** @description A model as OpenAI's clients read it, with what OpenRouter adds. */
        OpenAiModel: {
            /** @description `author/slug`. */
            id: string;
            /** @constant */
            object: "model";
            created: number;
            owned_by: string;
            name: string;
            canonical_slug?: string;
            description?: string;
            context_length: number;
            architecture: {
                /** @description Such as `text+image->text`. */
                modality: string;
                input_modalities: string[];
                output_modalities: string[];
                tokenizer: string;
            };
            pricing: components["schemas"]["OpenAiPricing"] | null;
            top_provider?: {
                context_length: number;
                max_completion_tokens: number | null;
            };
            supported_parameters: string[];
            reasoning?: {
                mandatory?: boolean;
                default_enabled?: boolean;
                default_effort?: string | null;
                supported_efforts?: string[];
            };
            alias_target?: {
                slug: string;
            };
        };
        /** @description All models. */
        OpenAiModels: {
            /** @constant */
            object: "list";
            data: components["schemas"]["OpenAiModel"][];
        };
        /** @description An error as clients of this format read it. */
        OpenAiErrorDetail: {
            /** @description Why, for people, and what to do about it. */
            message: string;
            /**
             * @description OpenAI's coarser word.
             * @enum {string}
             */
            type: "authentication_error" | "permission_error" | "rate_limit_error" | "insufficient_quota" | "server_error" | "invalid_request_error";
            /** @description Path of the field at fault. */
            param: string | null;
            code: components["schemas"]["ErrorReason"];
            metadata: {
                blame: components["schemas"]["Blame"];
                retryable: boolean;
                provider_name?: string;
                provider_status?: number;
                retry_after_ms?: number;
                generation_id?: string;
                suggestions?: string[];
                usage?: components["schemas"]["Usage"];
                cost_usd?: number;
            };
        };
        /** @description A refusal or failure. */
        OpenAiError: {
            error: components["schemas"]["OpenAiErrorDetail"];
        };
        ChatEvents: {
            meta: components["schemas"]["MetaEvent"];
            token: components["schemas"]["TokenEvent"];
            reasoning: components["schemas"]["ReasoningEvent"];
            tool_calls: components["schemas"]["ToolCallsEvent"];
            images: components["schemas"]["ImagesEvent"];
            citations: components["schemas"]["CitationsEvent"];
            done: components["schemas"]["DoneEvent"];
            error: components["schemas"]["ErrorDetail"];
            audio: components["schemas"]["AudioEvent"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

/** Names of 64-bit sums, which JSON carries as strings. */
export const SUMS: ReadonlySet<string> = new Set([
  "attempts",
  "cache_read_tokens",
  "cache_write_tokens",
  "count",
  "extra_attempts",
  "failed_attempts",
  "failed_requests",
  "input_tokens",
  "max_bytes",
  "media_tokens",
  "output_tokens",
  "reasoning_tokens",
  "requests",
  "total_input_tokens",
  "total_output_tokens",
  "unknown_cost_requests",
]);
