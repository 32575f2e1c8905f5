CREATE TABLE "ask" (
	"id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"trial_id" text,
	"kind" text NOT NULL,
	"text" text NOT NULL,
	"options" jsonb NOT NULL,
	"answer" text,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "base_checks" (
	"key" text PRIMARY KEY NOT NULL,
	"results" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "checkpoint" (
	"id" text PRIMARY KEY NOT NULL,
	"trial_id" text NOT NULL,
	"number" integer NOT NULL,
	"commit" text NOT NULL,
	"tree" text NOT NULL,
	"label" text NOT NULL,
	"files" integer NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decision" (
	"id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"trial_id" text NOT NULL,
	"kind" text NOT NULL,
	"pick" jsonb,
	"target" jsonb,
	"input" jsonb,
	"reason" text NOT NULL,
	"code" text NOT NULL,
	"state" text NOT NULL,
	"result" jsonb,
	"by" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "egress_rule" (
	"project_id" text NOT NULL,
	"host" text NOT NULL,
	"verdict" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "egress_rule_project_id_host_pk" PRIMARY KEY("project_id","host")
);
--> statement-breakpoint
CREATE TABLE "event" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"task_id" text,
	"trial_id" text,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"tree" text NOT NULL,
	"base" jsonb NOT NULL,
	"candidate" jsonb NOT NULL,
	"signals" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"trial_id" text,
	"text" text NOT NULL,
	"by" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"delivered_to" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outcome" (
	"decision_id" text NOT NULL,
	"kind" text NOT NULL,
	"ref" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outcome_decision_id_kind_pk" PRIMARY KEY("decision_id","kind")
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"subject" text,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "person_email_unique" UNIQUE("email"),
	CONSTRAINT "person_subject_unique" UNIQUE("subject")
);
--> statement-breakpoint
CREATE TABLE "project" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"path" text NOT NULL,
	"settings" jsonb NOT NULL,
	"detected_from" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "project_path_unique" UNIQUE("path")
);
--> statement-breakpoint
CREATE TABLE "task" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"state" text NOT NULL,
	"title" text NOT NULL,
	"prompt" text NOT NULL,
	"images" jsonb NOT NULL,
	"base" jsonb,
	"settings" jsonb NOT NULL,
	"contenders" jsonb NOT NULL,
	"attempts" integer NOT NULL,
	"budget" jsonb NOT NULL,
	"checks" jsonb NOT NULL,
	"untrusted" jsonb NOT NULL,
	"selection" jsonb,
	"note" text,
	"idempotency_key" text,
	"snoozed_until" timestamp (3) with time zone,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "task_idempotency_key_unique" UNIQUE("idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "token" (
	"id" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"name" text NOT NULL,
	"person_id" text,
	"role" text NOT NULL,
	"kind" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "token_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "trial" (
	"id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"contender" text NOT NULL,
	"parent_id" text,
	"attempt" integer NOT NULL,
	"state" text NOT NULL,
	"instruction" text,
	"start_commit" text,
	"given" boolean DEFAULT false NOT NULL,
	"candidate" jsonb,
	"failure" jsonb,
	"panel" jsonb,
	"agent_session" text,
	"summary" text,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"faults" integer DEFAULT 0 NOT NULL,
	"worker" text,
	"beat_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "usage" (
	"call_id" text PRIMARY KEY NOT NULL,
	"trial_id" text NOT NULL,
	"task_id" text NOT NULL,
	"model" text NOT NULL,
	"settled" boolean DEFAULT false NOT NULL,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"cache_read_tokens" bigint DEFAULT 0 NOT NULL,
	"cache_write_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"held_tokens" bigint DEFAULT 0 NOT NULL,
	"micros" bigint,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ask" ADD CONSTRAINT "ask_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_trial_id_trial_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trial"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision" ADD CONSTRAINT "decision_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_trial_id_trial_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trial"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcome" ADD CONSTRAINT "outcome_decision_id_decision_id_fk" FOREIGN KEY ("decision_id") REFERENCES "public"."decision"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task" ADD CONSTRAINT "task_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trial" ADD CONSTRAINT "trial_task_id_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."task"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ask_task" ON "ask" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "checkpoint_trial" ON "checkpoint" USING btree ("trial_id","number");--> statement-breakpoint
CREATE INDEX "decision_task" ON "decision" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "decision_state" ON "decision" USING btree ("state");--> statement-breakpoint
CREATE INDEX "event_task" ON "event" USING btree ("task_id","seq");--> statement-breakpoint
CREATE INDEX "message_task" ON "message" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "task_state" ON "task" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "task_created" ON "task" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "trial_task" ON "trial" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "trial_state" ON "trial" USING btree ("state");--> statement-breakpoint
CREATE INDEX "usage_trial" ON "usage" USING btree ("trial_id");--> statement-breakpoint
CREATE INDEX "usage_task" ON "usage" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "usage_at" ON "usage" USING btree ("at");