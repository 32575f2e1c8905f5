CREATE TABLE "parcel" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"trial_id" text,
	"commit" text NOT NULL,
	"shallow" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "parcel_part" (
	"parcel_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "parcel_part_parcel_id_number_pk" PRIMARY KEY("parcel_id","number")
);
--> statement-breakpoint
ALTER TABLE "parcel_part" ADD CONSTRAINT "parcel_part_parcel_id_parcel_id_fk" FOREIGN KEY ("parcel_id") REFERENCES "public"."parcel"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "parcel_project" ON "parcel" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "parcel_trial" ON "parcel" USING btree ("trial_id");