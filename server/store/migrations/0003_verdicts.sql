CREATE TABLE "ballot" (
	"comparison_id" text NOT NULL,
	"person_id" text NOT NULL,
	"left_side" text NOT NULL,
	"choice" text,
	"conflict" text,
	"voted_at" timestamp (3) with time zone,
	CONSTRAINT "ballot_comparison_id_person_id_pk" PRIMARY KEY("comparison_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "comparison_cell" (
	"comparison_id" text NOT NULL,
	"task_id" text NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "comparison_cell_comparison_id_task_id_pk" PRIMARY KEY("comparison_id","task_id")
);
--> statement-breakpoint
CREATE TABLE "comparison" (
	"id" text PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"kind" text NOT NULL,
	"a" text NOT NULL,
	"b" text NOT NULL,
	"published" boolean DEFAULT false NOT NULL,
	"tally" jsonb,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "comparison_slug_unique" UNIQUE("slug"),
	CONSTRAINT "comparison_pair" UNIQUE("kind","a","b")
);
--> statement-breakpoint
CREATE TABLE "delivery" (
	"digest_id" text NOT NULL,
	"subscription_id" text NOT NULL,
	"state" text NOT NULL,
	"tries" integer DEFAULT 1 NOT NULL,
	"note" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_digest_id_subscription_id_pk" PRIMARY KEY("digest_id","subscription_id")
);
--> statement-breakpoint
CREATE TABLE "digest" (
	"id" text PRIMARY KEY NOT NULL,
	"week" text NOT NULL,
	"to_verdict" integer NOT NULL,
	"items" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "digest_week_unique" UNIQUE("week")
);
--> statement-breakpoint
CREATE TABLE "dossier" (
	"slug" text PRIMARY KEY NOT NULL,
	"body" jsonb NOT NULL,
	"owner_id" text,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reviewer" (
	"id" text PRIMARY KEY NOT NULL,
	"stance" text NOT NULL,
	"labels" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run" (
	"trial_id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"contender" text NOT NULL,
	"facts" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscription" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"address" text NOT NULL,
	"state" text NOT NULL,
	"audience" text NOT NULL,
	"secret" text,
	"asked" integer DEFAULT 0 NOT NULL,
	"asked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "subscription_address_unique" UNIQUE("address")
);
--> statement-breakpoint
CREATE TABLE "verdict" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"comparison_id" text NOT NULL,
	"version" integer NOT NULL,
	"label" text NOT NULL,
	"formula" text NOT NULL,
	"inputs_sha" text NOT NULL,
	"estimate" text NOT NULL,
	"estimate_view" jsonb NOT NULL,
	"sentence" text NOT NULL,
	"previous" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "verdict_version" UNIQUE("comparison_id","version")
);
--> statement-breakpoint
CREATE TABLE "verdict_cursor" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "verdict_inputs" (
	"sha" text PRIMARY KEY NOT NULL,
	"body" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vote_event" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"comparison_id" text NOT NULL,
	"person_id" text NOT NULL,
	"choice" text,
	"blind" boolean NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "comparison_a" ON "comparison" USING btree ("a");--> statement-breakpoint
CREATE INDEX "comparison_b" ON "comparison" USING btree ("b");--> statement-breakpoint
CREATE INDEX "run_task" ON "run" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "run_contender" ON "run" USING btree ("contender");--> statement-breakpoint
CREATE INDEX "vote_event_person" ON "vote_event" USING btree ("person_id","at");