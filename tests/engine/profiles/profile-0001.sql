BEGIN TRANSACTION;
CREATE TABLE account (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	issuer TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	name TEXT NOT NULL, 
	display TEXT NOT NULL, 
	base_url TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	held_by VARCHAR(8) DEFAULT 'device' NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_success_at DATETIME, 
	failing_since DATETIME, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	error_code TEXT DEFAULT '' NOT NULL, 
	error_words TEXT DEFAULT '' NOT NULL, 
	remedy TEXT DEFAULT '' NOT NULL, 
	next_try_at DATETIME, 
	latency_ms INTEGER, 
	paused BOOLEAN DEFAULT 0 NOT NULL, 
	quirks TEXT NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT uq_account_owner_provider_issuer_subject UNIQUE (owner, provider, issuer, subject)
);
INSERT INTO "account" VALUES('me','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','caldav','http://SERVER','/anna/','anna','anna','http://SERVER/','{}','device','2026-11-24 09:00:00.002000','2026-11-24 09:05:00.080000','2026-11-24 09:05:00.084000',1,'connection.answer_lost','127.0.0.1 broke off in the middle of an answer. TutorSync looks what arrived before it sends anything again.','wait','2026-11-24 09:05:15.084000',3,0,'{}');
CREATE TABLE activity (
	owner VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	cause TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	device TEXT NOT NULL, 
	session VARCHAR(64), 
	calendar VARCHAR(64), 
	kind VARCHAR(32) NOT NULL, 
	field_group VARCHAR(16) DEFAULT '' NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	lost_value TEXT, 
	undo_of VARCHAR(64), 
	facts TEXT NOT NULL, 
	CONSTRAINT pk_activity PRIMARY KEY (seq), 
	CONSTRAINT uq_activity_id UNIQUE (id)
);
INSERT INTO "activity" VALUES('me',1,'01a20cc8-8e82-79a6-8d5b-829fe51b9644','2026-11-24 09:00:00.002000','desk:01a20cc8-8e82-758e-bcc6-4ebb04ee9bea','you','laptop:test',NULL,NULL,'account.connected','',NULL,NULL,NULL,NULL,'{"account":"anna","provider":"caldav"}');
INSERT INTO "activity" VALUES('me',2,'01a20cc8-8e84-72d0-b0ea-0165c7895404','2026-11-24 09:00:00.004000','desk:01a20cc8-8e84-746d-bba0-ac4d92ae2b86','you','laptop:test','01a20cc8-8e84-7728-ae82-5068a0a15cbe',NULL,'session.added','',NULL,'{"seconds":3600,"start":"2026-11-26T15:00:00","zone":"Europe/Berlin"}',NULL,NULL,'{"title":"Maths"}');
INSERT INTO "activity" VALUES('me',3,'01a20cc8-8e85-725a-8805-824f3ec52165','2026-11-24 09:00:00.005000','desk:01a20cc8-8e85-7db2-abcb-6f08c1f0c70a','you','laptop:test','01a20cc8-8e85-7a13-b8d4-210a2b2738bf',NULL,'session.added','',NULL,'{"seconds":3600,"start":"2026-11-27T15:00:00","zone":"Europe/Berlin"}',NULL,NULL,'{"title":"Physics"}');
INSERT INTO "activity" VALUES('me',4,'01a20cc8-8e86-785a-aca3-41ac3055e1cb','2026-11-24 09:00:00.006000','desk:01a20cc8-8e86-7079-99fe-bed4a3ec1085','you','laptop:test','01a20cc8-8e86-7e14-a646-a6226cf08a54',NULL,'session.added','',NULL,'{"seconds":3600,"start":"2026-11-28T15:00:00","zone":"Europe/Berlin"}',NULL,NULL,'{"title":"Chemistry"}');
INSERT INTO "activity" VALUES('me',5,'01a20cc8-8e87-7a2b-a5d5-48c47eb89c0c','2026-11-24 09:00:00.007000','desk:01a20cc8-8e87-78ec-9ef3-8edf4b6d5424','you','laptop:test','01a20cc8-8e87-7c7d-a1d8-5384c111d192',NULL,'session.added','',NULL,'{"seconds":3600,"start":"2026-11-29T15:00:00","zone":"Europe/Berlin"}',NULL,NULL,'{"title":"Latin"}');
INSERT INTO "activity" VALUES('me',6,'01a20cca-636c-700e-949c-56739d26a389','2026-11-24 09:02:00.044000','sync:01a20cc8-8e85-7a13-b8d4-210a2b2738bf:1','work','calendar:01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e85-7a13-b8d4-210a2b2738bf','01a20cc8-8e82-74ee-ac7a-a8a798601b26','session.changed','title','Physics','Physics II',NULL,NULL,'{"title":"Physics"}');
INSERT INTO "activity" VALUES('me',7,'01a20cca-636f-7e29-ab51-cfb37ee82375','2026-11-24 09:02:00.047000','desk:01a20cca-636f-7306-a879-d4f3f5405381','you','laptop:test','01a20cc8-8e87-7c7d-a1d8-5384c111d192',NULL,'session.cancelled','status','planned','cancelled',NULL,NULL,'{"title":"Latin"}');
INSERT INTO "activity" VALUES('me',8,'01a20ccc-3849-74d4-93ef-af0dc641436e','2026-11-24 09:04:00.073000','desk:01a20ccc-3849-713a-bfbb-169b20a086f2','you','laptop:test','01a20cc8-8e86-7e14-a646-a6226cf08a54',NULL,'session.changed','title','Chemistry','Chemistry II',NULL,NULL,'{"title":"Chemistry II"}');
INSERT INTO "activity" VALUES('me',9,'01a20ccd-22b7-7d16-be0c-4fcc38fd069f','2026-11-24 09:05:00.087000','desk:01a20ccd-22b7-718a-8727-c20a88fc5d1d','you','laptop:test','01a20cc8-8e84-7728-ae82-5068a0a15cbe',NULL,'session.changed','when','{"seconds":3600,"start":"2026-11-26T15:00:00","zone":"Europe/Berlin"}','{"seconds":3600,"start":"2026-11-26T17:00:00","zone":"Europe/Berlin"}',NULL,NULL,'{"title":"Maths"}');
INSERT INTO "activity" VALUES('me',10,'01a20ccd-22b8-7b39-a418-3177a39e3925','2026-11-24 09:05:00.088000','desk:01a20ccd-22b8-7ad2-b585-d6943bd7b451','you','laptop:test','01a20ccd-22b8-7468-831b-c05be8df3919',NULL,'session.added','',NULL,'{"seconds":3600,"start":"2026-11-30T15:00:00","zone":"Europe/Berlin"}',NULL,NULL,'{"title":"Biology"}');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE busy (
	owner VARCHAR(64) NOT NULL, 
	calendar VARCHAR(64) NOT NULL, 
	uid TEXT NOT NULL, 
	recurrence_id TEXT DEFAULT '' NOT NULL, 
	lo DATETIME NOT NULL, 
	hi DATETIME NOT NULL, 
	opaque BOOLEAN NOT NULL, 
	summary TEXT DEFAULT '' NOT NULL, 
	recurring BOOLEAN NOT NULL, 
	src_hash VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT ck_busy_ordered CHECK (lo <= hi), 
	CONSTRAINT fk_busy_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE
);
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261103T170000Z','2026-11-03 17:00:00.000000','2026-11-03 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261110T170000Z','2026-11-10 17:00:00.000000','2026-11-10 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261117T170000Z','2026-11-17 17:00:00.000000','2026-11-17 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261124T170000Z','2026-11-24 17:00:00.000000','2026-11-24 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261201T170000Z','2026-12-01 17:00:00.000000','2026-12-01 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261208T170000Z','2026-12-08 17:00:00.000000','2026-12-08 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261215T170000Z','2026-12-15 17:00:00.000000','2026-12-15 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261222T170000Z','2026-12-22 17:00:00.000000','2026-12-22 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20261229T170000Z','2026-12-29 17:00:00.000000','2026-12-29 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270105T170000Z','2027-01-05 17:00:00.000000','2027-01-05 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270112T170000Z','2027-01-12 17:00:00.000000','2027-01-12 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270119T170000Z','2027-01-19 17:00:00.000000','2027-01-19 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270126T170000Z','2027-01-26 17:00:00.000000','2027-01-26 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270202T170000Z','2027-02-02 17:00:00.000000','2027-02-02 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270209T170000Z','2027-02-09 17:00:00.000000','2027-02-09 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270216T170000Z','2027-02-16 17:00:00.000000','2027-02-16 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270223T170000Z','2027-02-23 17:00:00.000000','2027-02-23 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270302T170000Z','2027-03-02 17:00:00.000000','2027-03-02 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270309T170000Z','2027-03-09 17:00:00.000000','2027-03-09 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270316T170000Z','2027-03-16 17:00:00.000000','2027-03-16 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270323T170000Z','2027-03-23 17:00:00.000000','2027-03-23 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270330T160000Z','2027-03-30 16:00:00.000000','2027-03-30 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270406T160000Z','2027-04-06 16:00:00.000000','2027-04-06 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270413T160000Z','2027-04-13 16:00:00.000000','2027-04-13 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270420T160000Z','2027-04-20 16:00:00.000000','2027-04-20 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270427T160000Z','2027-04-27 16:00:00.000000','2027-04-27 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270504T160000Z','2027-05-04 16:00:00.000000','2027-05-04 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270511T160000Z','2027-05-11 16:00:00.000000','2027-05-11 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270518T160000Z','2027-05-18 16:00:00.000000','2027-05-18 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270525T160000Z','2027-05-25 16:00:00.000000','2027-05-25 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270601T160000Z','2027-06-01 16:00:00.000000','2027-06-01 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270608T160000Z','2027-06-08 16:00:00.000000','2027-06-08 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270615T160000Z','2027-06-15 16:00:00.000000','2027-06-15 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270622T160000Z','2027-06-22 16:00:00.000000','2027-06-22 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270629T160000Z','2027-06-29 16:00:00.000000','2027-06-29 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270706T160000Z','2027-07-06 16:00:00.000000','2027-07-06 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270713T160000Z','2027-07-13 16:00:00.000000','2027-07-13 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270720T160000Z','2027-07-20 16:00:00.000000','2027-07-20 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270727T160000Z','2027-07-27 16:00:00.000000','2027-07-27 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270803T160000Z','2027-08-03 16:00:00.000000','2027-08-03 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270810T160000Z','2027-08-10 16:00:00.000000','2027-08-10 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270817T160000Z','2027-08-17 16:00:00.000000','2027-08-17 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270824T160000Z','2027-08-24 16:00:00.000000','2027-08-24 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270831T160000Z','2027-08-31 16:00:00.000000','2027-08-31 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270907T160000Z','2027-09-07 16:00:00.000000','2027-09-07 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270914T160000Z','2027-09-14 16:00:00.000000','2027-09-14 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270921T160000Z','2027-09-21 16:00:00.000000','2027-09-21 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20270928T160000Z','2027-09-28 16:00:00.000000','2027-09-28 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271005T160000Z','2027-10-05 16:00:00.000000','2027-10-05 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271012T160000Z','2027-10-12 16:00:00.000000','2027-10-12 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271019T160000Z','2027-10-19 16:00:00.000000','2027-10-19 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271026T160000Z','2027-10-26 16:00:00.000000','2027-10-26 17:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271102T170000Z','2027-11-02 17:00:00.000000','2027-11-02 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271109T170000Z','2027-11-09 17:00:00.000000','2027-11-09 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271116T170000Z','2027-11-16 17:00:00.000000','2027-11-16 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271123T170000Z','2027-11-23 17:00:00.000000','2027-11-23 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271130T170000Z','2027-11-30 17:00:00.000000','2027-11-30 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271207T170000Z','2027-12-07 17:00:00.000000','2027-12-07 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271214T170000Z','2027-12-14 17:00:00.000000','2027-12-14 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271221T170000Z','2027-12-21 17:00:00.000000','2027-12-21 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20271228T170000Z','2027-12-28 17:00:00.000000','2027-12-28 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20280104T170000Z','2028-01-04 17:00:00.000000','2028-01-04 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20280111T170000Z','2028-01-11 17:00:00.000000','2028-01-11 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20280118T170000Z','2028-01-18 17:00:00.000000','2028-01-18 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','20280125T170000Z','2028-01-25 17:00:00.000000','2028-01-25 18:00:00.000000',1,'Choir',1,'f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717');
INSERT INTO "busy" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','dentist','','2026-11-26 14:00:00.000000','2026-11-26 15:00:00.000000',1,'Dentist',0,'cba40283d5355e5e9e4c64c42b175fd58c453c20a86030e97e3541837ba59690');
CREATE TABLE calendar (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	account VARCHAR(64) NOT NULL, 
	remote_id TEXT NOT NULL, 
	incarnation INTEGER DEFAULT '0' NOT NULL, 
	name TEXT NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	access VARCHAR(8) NOT NULL, 
	state VARCHAR(16) DEFAULT 'ok' NOT NULL, 
	confirmed BOOLEAN DEFAULT 0 NOT NULL, 
	read_at DATETIME, 
	CONSTRAINT pk_calendar PRIMARY KEY (id), 
	CONSTRAINT fk_calendar_account_account FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_calendar_account_remote_id_incarnation UNIQUE (account, remote_id, incarnation)
);
INSERT INTO "calendar" VALUES('me','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','http://SERVER/anna/work/',0,'work','sessions','write','ok',1,'2026-11-24 09:05:00.078000');
INSERT INTO "calendar" VALUES('me','01a20cc8-8e83-7d53-87dc-578fb7da7f31','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','http://SERVER/anna/private/',0,'private','busy','write','ok',1,'2026-11-24 09:05:00.077000');
CREATE TABLE "conflict" (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	a TEXT NOT NULL, 
	b TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	facts TEXT NOT NULL, 
	opened DATETIME NOT NULL, 
	closed DATETIME, 
	closed_why TEXT DEFAULT '' NOT NULL, 
	kept_times TEXT, 
	reason TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_conflict PRIMARY KEY (id)
);
INSERT INTO "conflict" VALUES('me','01a20cc9-7901-79bd-b2bd-b28d862740d4','session:01a20cc8-8e84-7728-ae82-5068a0a15cbe','event:01a20cc8-8e83-7d53-87dc-578fb7da7f31:dentist:','overlap','{"hi":"2026-11-26T15:00:00+00:00","lo":"2026-11-26T14:00:00+00:00","minutes":60,"sides":[{"calendar":"","calendar_name":"","hi":"2026-11-26T15:00:00+00:00","key":"session:01a20cc8-8e84-7728-ae82-5068a0a15cbe","lo":"2026-11-26T14:00:00+00:00","recurring":false,"title":"Maths","zone":"Europe/Berlin"},{"calendar":"01a20cc8-8e83-7d53-87dc-578fb7da7f31","calendar_name":"private","hi":"2026-11-26T15:00:00+00:00","key":"event:01a20cc8-8e83-7d53-87dc-578fb7da7f31:dentist:","lo":"2026-11-26T14:00:00+00:00","recurring":false,"title":"Dentist","zone":"Europe/Berlin"}],"times":"20261126T140000Z/20261126T150000Z 20261126T140000Z/20261126T150000Z","when":"Thu 26 Nov 2026, 15:00–16:00, Europe/Berlin","why":"“Dentist” in private overlaps “Maths” by 1 hour."}','2026-11-24 09:01:00.033000','2026-11-24 09:05:00.087000','moved',NULL,'');
CREATE TABLE cursor (
	calendar VARCHAR(64) NOT NULL, 
	kind TEXT NOT NULL, 
	token TEXT NOT NULL, 
	params_hash TEXT DEFAULT '' NOT NULL, 
	window TEXT DEFAULT '' NOT NULL, 
	round INTEGER DEFAULT '0' NOT NULL, 
	next_page TEXT, 
	seen_complete BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_cursor PRIMARY KEY (calendar), 
	CONSTRAINT fk_cursor_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE
);
INSERT INTO "cursor" VALUES('01a20cc8-8e83-7d53-87dc-578fb7da7f31','sync-token','http://null/2','','',1,NULL,1);
INSERT INTO "cursor" VALUES('01a20cc8-8e82-74ee-ac7a-a8a798601b26','sync-token','http://null/7','','',3,NULL,1);
CREATE TABLE device (
	id VARCHAR(64) NOT NULL, 
	start_counter INTEGER NOT NULL, 
	epoch INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_device PRIMARY KEY (id)
);
CREATE TABLE echo (
	obj_key TEXT NOT NULL, 
	field_group VARCHAR(16) NOT NULL, 
	words_hash VARCHAR(64) NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_echo PRIMARY KEY (obj_key, field_group, words_hash)
);
CREATE TABLE feed (
	tenant VARCHAR(64) NOT NULL, 
	seq INTEGER NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	origin TEXT, 
	kind VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_feed PRIMARY KEY (tenant, seq)
);
CREATE TABLE free_mark (
	owner VARCHAR(64) NOT NULL, 
	calendar VARCHAR(64) NOT NULL, 
	uid TEXT NOT NULL, 
	recurrence_id TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_free_mark PRIMARY KEY (calendar, uid, recurrence_id), 
	CONSTRAINT fk_free_mark_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE
);
CREATE TABLE intent (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	obj_key TEXT NOT NULL, 
	account VARCHAR(64) NOT NULL, 
	calendar VARCHAR(64), 
	session VARCHAR(64) NOT NULL, 
	link VARCHAR(64), 
	verb VARCHAR(8) NOT NULL, 
	href TEXT DEFAULT '' NOT NULL, 
	fields TEXT NOT NULL, 
	if_match TEXT, 
	"before" TEXT, 
	cause TEXT NOT NULL, 
	lease_epoch INTEGER DEFAULT '0' NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	sent_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	answer_etag TEXT, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_intent PRIMARY KEY (id), 
	CONSTRAINT ck_intent_state CHECK (state IN ('sent','unknown','settled','given_up'))
);
INSERT INTO "intent" VALUES('me','01a20cc9-78f3-7aa4-be2b-439da902dbac','01a20cc8-8e82-74ee-ac7a-a8a798601b26/f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e84-7728-ae82-5068a0a15cbe','01a20cc9-78f2-76e9-96a1-537af16a0add','create','/anna/work/f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82.ics','{"link":["{\"join_url\":\"\"}",""],"notes":["bring the book",""],"title":["Maths",""],"when":["{\"seconds\":3600,\"start\":\"2026-11-26T15:00:00\",\"zone\":\"Europe/Berlin\"}",""],"where":["{\"online\":false,\"place\":\"Library\"}",""]}',NULL,NULL,'session:01a20cc8-8e84-7728-ae82-5068a0a15cbe:1',0,'settled','2026-11-24 09:01:00.020000','2026-11-24 09:01:00.021000','1',0);
INSERT INTO "intent" VALUES('me','01a20cc9-78f6-7456-be65-be76270403b1','01a20cc8-8e82-74ee-ac7a-a8a798601b26/9c3767f2-195b-5259-8bba-6b13602a31de','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e85-7a13-b8d4-210a2b2738bf','01a20cc9-78f2-7cfe-ba02-c0693acefb5d','create','/anna/work/9c3767f2-195b-5259-8bba-6b13602a31de.ics','{"link":["{\"join_url\":\"\"}",""],"notes":["",""],"title":["Physics",""],"when":["{\"seconds\":3600,\"start\":\"2026-11-27T15:00:00\",\"zone\":\"Europe/Berlin\"}",""],"where":["{\"online\":true,\"place\":\"\"}",""]}',NULL,NULL,'session:01a20cc8-8e85-7a13-b8d4-210a2b2738bf:1',0,'settled','2026-11-24 09:01:00.023000','2026-11-24 09:01:00.024000','2',0);
INSERT INTO "intent" VALUES('me','01a20cc9-78f9-7868-973e-9f96cbeddb85','01a20cc8-8e82-74ee-ac7a-a8a798601b26/4c504308-93f1-5c7f-8107-5f8e20e75756','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e86-7e14-a646-a6226cf08a54','01a20cc9-78f2-747f-9180-71f4d898a33d','create','/anna/work/4c504308-93f1-5c7f-8107-5f8e20e75756.ics','{"link":["{\"join_url\":\"\"}",""],"notes":["",""],"title":["Chemistry",""],"when":["{\"seconds\":3600,\"start\":\"2026-11-28T15:00:00\",\"zone\":\"Europe/Berlin\"}",""],"where":["{\"online\":true,\"place\":\"\"}",""]}',NULL,NULL,'session:01a20cc8-8e86-7e14-a646-a6226cf08a54:1',0,'settled','2026-11-24 09:01:00.026000','2026-11-24 09:01:00.027000','3',0);
INSERT INTO "intent" VALUES('me','01a20cc9-78fc-7e26-9997-f3b67aadc314','01a20cc8-8e82-74ee-ac7a-a8a798601b26/69e38e6e-208b-51cc-945d-b95c91b26ee4','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e87-7c7d-a1d8-5384c111d192','01a20cc9-78f2-7d59-bd4b-d82cd635221e','create','/anna/work/69e38e6e-208b-51cc-945d-b95c91b26ee4.ics','{"link":["{\"join_url\":\"\"}",""],"notes":["",""],"title":["Latin",""],"when":["{\"seconds\":3600,\"start\":\"2026-11-29T15:00:00\",\"zone\":\"Europe/Berlin\"}",""],"where":["{\"online\":true,\"place\":\"\"}",""]}',NULL,NULL,'session:01a20cc8-8e87-7c7d-a1d8-5384c111d192:1',0,'settled','2026-11-24 09:01:00.029000','2026-11-24 09:01:00.030000','4',0);
INSERT INTO "intent" VALUES('me','01a20ccb-4dd8-709c-a55e-83a5099de9ed','01a20cc8-8e82-74ee-ac7a-a8a798601b26//anna/work/69e38e6e-208b-51cc-945d-b95c91b26ee4.ics','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e87-7c7d-a1d8-5384c111d192','01a20cc9-78f2-7d59-bd4b-d82cd635221e','delete','/anna/work/69e38e6e-208b-51cc-945d-b95c91b26ee4.ics','{}','4','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:69e38e6e-208b-51cc-945d-b95c91b26ee4¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261129T150000¶
DTEND;TZID=Europe/Berlin:20261129T160000¶
TRANSP:OPAQUE¶
SUMMARY:Latin¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e87-7c7d-a1d8-5384¶
 c111d192&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=69e38e6e-208b-5¶
 1cc-945d-b95c91b26ee4&version=1&h.when=1821506c660c&h.where=dabb92303d43&h¶
 .title=2d38c456a2ec&h.notes=e3b0c44298fc¶
LAST-MODIFIED:20261128T111437Z¶
END:VEVENT¶
END:VCALENDAR¶
','session:01a20cc8-8e87-7c7d-a1d8-5384c111d192:2',0,'settled','2026-11-24 09:03:00.057000','2026-11-24 09:03:00.058000',NULL,0);
INSERT INTO "intent" VALUES('me','01a20ccd-22b2-7b22-893e-3218f8f247c7','01a20cc8-8e82-74ee-ac7a-a8a798601b26//anna/work/4c504308-93f1-5c7f-8107-5f8e20e75756.ics','01a20cc8-8e81-7a89-98fc-83d6d1f497f2','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc8-8e86-7e14-a646-a6226cf08a54','01a20cc9-78f2-747f-9180-71f4d898a33d','update','/anna/work/4c504308-93f1-5c7f-8107-5f8e20e75756.ics','{"title":["Chemistry II","Chemistry"]}','3','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:4c504308-93f1-5c7f-8107-5f8e20e75756¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261128T150000¶
DTEND;TZID=Europe/Berlin:20261128T160000¶
TRANSP:OPAQUE¶
SUMMARY:Chemistry¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e86-7e14-a646-a622¶
 6cf08a54&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=4c504308-93f1-5¶
 c7f-8107-5f8e20e75756&version=1&h.when=7634cd450a7b&h.where=dabb92303d43&h¶
 .title=ab2cc833ed40&h.notes=e3b0c44298fc¶
LAST-MODIFIED:20261128T111437Z¶
END:VEVENT¶
END:VCALENDAR¶
','session:01a20cc8-8e86-7e14-a646-a6226cf08a54:2',0,'unknown','2026-11-24 09:05:00.083000',NULL,NULL,0);
CREATE TABLE lease (
	remote_calendar_key TEXT NOT NULL, 
	holder VARCHAR(64) NOT NULL, 
	epoch INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (remote_calendar_key)
);
CREATE TABLE link (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	calendar VARCHAR(64) NOT NULL, 
	obj VARCHAR(64), 
	recurrence_id TEXT DEFAULT '' NOT NULL, 
	incarnation INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	closed_why TEXT DEFAULT '' NOT NULL, 
	template TEXT, 
	CONSTRAINT pk_link PRIMARY KEY (id), 
	CONSTRAINT ck_link_state CHECK (state IN ('want','live','held','closing','closed')), 
	CONSTRAINT fk_link_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE, 
	CONSTRAINT fk_link_obj_remote_obj FOREIGN KEY(obj) REFERENCES remote_obj (id) ON DELETE SET NULL, 
	CONSTRAINT fk_link_session_session FOREIGN KEY(session) REFERENCES session (id) ON DELETE CASCADE
);
INSERT INTO "link" VALUES('me','01a20cc9-78f2-76e9-96a1-537af16a0add','01a20cc8-8e84-7728-ae82-5068a0a15cbe','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc9-78ff-7b89-85c2-aaf096655785','',0,'f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82','live','',NULL);
INSERT INTO "link" VALUES('me','01a20cc9-78f2-7cfe-ba02-c0693acefb5d','01a20cc8-8e85-7a13-b8d4-210a2b2738bf','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc9-78ff-7ca4-ab62-81efd8b15190','',0,'9c3767f2-195b-5259-8bba-6b13602a31de','live','',NULL);
INSERT INTO "link" VALUES('me','01a20cc9-78f2-747f-9180-71f4d898a33d','01a20cc8-8e86-7e14-a646-a6226cf08a54','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc9-78ff-7f26-863d-4f7ba01cb3ba','',0,'4c504308-93f1-5c7f-8107-5f8e20e75756','live','',NULL);
INSERT INTO "link" VALUES('me','01a20cc9-78f2-7d59-bd4b-d82cd635221e','01a20cc8-8e87-7c7d-a1d8-5384c111d192','01a20cc8-8e82-74ee-ac7a-a8a798601b26','01a20cc9-78ff-7c96-9945-a094f33e6269','',0,'69e38e6e-208b-51cc-945d-b95c91b26ee4','closed','session cancelled','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:69e38e6e-208b-51cc-945d-b95c91b26ee4¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261129T150000¶
DTEND;TZID=Europe/Berlin:20261129T160000¶
TRANSP:OPAQUE¶
SUMMARY:Latin¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e87-7c7d-a1d8-5384¶
 c111d192&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=69e38e6e-208b-5¶
 1cc-945d-b95c91b26ee4&version=1&h.when=1821506c660c&h.where=dabb92303d43&h¶
 .title=2d38c456a2ec&h.notes=e3b0c44298fc¶
LAST-MODIFIED:20261128T111437Z¶
END:VEVENT¶
END:VCALENDAR¶
');
CREATE TABLE link_base (
	link VARCHAR(64) NOT NULL, 
	field_group VARCHAR(16) NOT NULL, 
	hub_value TEXT, 
	hub_origin TEXT, 
	side_words TEXT, 
	side_etag TEXT, 
	settled_by VARCHAR(64), 
	CONSTRAINT pk_link_base PRIMARY KEY (link, field_group), 
	CONSTRAINT fk_link_base_link_link FOREIGN KEY(link) REFERENCES link (id) ON DELETE CASCADE
);
INSERT INTO "link_base" VALUES('01a20cc9-78f2-76e9-96a1-537af16a0add','when','{"seconds":3600,"start":"2026-11-26T15:00:00","zone":"Europe/Berlin"}',NULL,'["2026-11-26T15:00:00 Europe/Berlin",3600]','1','01a20cc9-78f3-7aa4-be2b-439da902dbac');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-76e9-96a1-537af16a0add','where','{"online":false,"place":"Library"}',NULL,'Library','1','01a20cc9-78f3-7aa4-be2b-439da902dbac');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-76e9-96a1-537af16a0add','title','Maths',NULL,'Maths','1','01a20cc9-78f3-7aa4-be2b-439da902dbac');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-76e9-96a1-537af16a0add','notes','bring the book',NULL,'bring the book','1','01a20cc9-78f3-7aa4-be2b-439da902dbac');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7cfe-ba02-c0693acefb5d','when','{"seconds":3600,"start":"2026-11-27T15:00:00","zone":"Europe/Berlin"}',NULL,'["2026-11-27T15:00:00 Europe/Berlin",3600]','2','01a20cc9-78f6-7456-be65-be76270403b1');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7cfe-ba02-c0693acefb5d','where','{"online":true,"place":""}',NULL,'','2','01a20cc9-78f6-7456-be65-be76270403b1');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7cfe-ba02-c0693acefb5d','title','Physics II','{"device":"calendar:01a20cc8-8e82-74ee-ac7a-a8a798601b26","side":"01a20cc8-8e82-74ee-ac7a-a8a798601b26","since":"2026-11-24T09:01:00.014000+00:00","until":"2026-11-24T09:02:00.040000+00:00","who":""}','Physics II',NULL,NULL);
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7cfe-ba02-c0693acefb5d','notes','',NULL,'','2','01a20cc9-78f6-7456-be65-be76270403b1');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-747f-9180-71f4d898a33d','when','{"seconds":3600,"start":"2026-11-28T15:00:00","zone":"Europe/Berlin"}',NULL,'["2026-11-28T15:00:00 Europe/Berlin",3600]','3','01a20cc9-78f9-7868-973e-9f96cbeddb85');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-747f-9180-71f4d898a33d','where','{"online":true,"place":""}',NULL,'','3','01a20cc9-78f9-7868-973e-9f96cbeddb85');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-747f-9180-71f4d898a33d','title','Chemistry',NULL,'Chemistry','3','01a20cc9-78f9-7868-973e-9f96cbeddb85');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-747f-9180-71f4d898a33d','notes','',NULL,'','3','01a20cc9-78f9-7868-973e-9f96cbeddb85');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7d59-bd4b-d82cd635221e','when','{"seconds":3600,"start":"2026-11-29T15:00:00","zone":"Europe/Berlin"}',NULL,'["2026-11-29T15:00:00 Europe/Berlin",3600]','4','01a20cc9-78fc-7e26-9997-f3b67aadc314');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7d59-bd4b-d82cd635221e','where','{"online":true,"place":""}',NULL,'','4','01a20cc9-78fc-7e26-9997-f3b67aadc314');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7d59-bd4b-d82cd635221e','title','Latin',NULL,'Latin','4','01a20cc9-78fc-7e26-9997-f3b67aadc314');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7d59-bd4b-d82cd635221e','notes','',NULL,'','4','01a20cc9-78fc-7e26-9997-f3b67aadc314');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-76e9-96a1-537af16a0add','link','{"join_url":""}',NULL,'{"block":"","conference":"","url":""}','1','01a20cc9-78f3-7aa4-be2b-439da902dbac');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7cfe-ba02-c0693acefb5d','link','{"join_url":""}',NULL,'{"block":"","conference":"","url":""}','2','01a20cc9-78f6-7456-be65-be76270403b1');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-747f-9180-71f4d898a33d','link','{"join_url":""}',NULL,'{"block":"","conference":"","url":""}','3','01a20cc9-78f9-7868-973e-9f96cbeddb85');
INSERT INTO "link_base" VALUES('01a20cc9-78f2-7d59-bd4b-d82cd635221e','link','{"join_url":""}',NULL,'{"block":"","conference":"","url":""}','4','01a20cc9-78fc-7e26-9997-f3b67aadc314');
CREATE TABLE meeting (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	account VARCHAR(64) NOT NULL, 
	remote_id TEXT DEFAULT '' NOT NULL, 
	join_url TEXT DEFAULT '' NOT NULL, 
	topic TEXT DEFAULT '' NOT NULL, 
	when_value TEXT DEFAULT '' NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	sweep_after DATETIME, 
	CONSTRAINT pk_meeting PRIMARY KEY (id), 
	CONSTRAINT fk_meeting_session_session FOREIGN KEY(session) REFERENCES session (id) ON DELETE CASCADE
);
CREATE TABLE question (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	cause_key TEXT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	frozen_set TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	opened DATETIME NOT NULL, 
	answer VARCHAR(8), 
	answered_at DATETIME, 
	closed_why TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_question PRIMARY KEY (id), 
	CONSTRAINT uq_question_owner_cause_key UNIQUE (owner, cause_key)
);
CREATE TABLE remote_obj (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	calendar VARCHAR(64) NOT NULL, 
	href_norm TEXT NOT NULL, 
	href_raw TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	recurrence_id TEXT DEFAULT '' NOT NULL, 
	etag TEXT, 
	body TEXT NOT NULL, 
	fields TEXT NOT NULL, 
	marks_session VARCHAR(64) DEFAULT '' NOT NULL, 
	shape VARCHAR(16) DEFAULT 'single' NOT NULL, 
	last_round INTEGER DEFAULT '0' NOT NULL, 
	refetch BOOLEAN DEFAULT 0 NOT NULL, 
	gone_at DATETIME, 
	first_settled_at DATETIME, 
	CONSTRAINT pk_remote_obj PRIMARY KEY (id), 
	CONSTRAINT fk_remote_obj_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE, 
	CONSTRAINT uq_remote_obj_calendar_href_norm UNIQUE (calendar, href_norm)
);
INSERT INTO "remote_obj" VALUES('me','01a20cc9-78ec-79be-ba61-2fbefb5bab4b','01a20cc8-8e83-7d53-87dc-578fb7da7f31','/anna/private/choir.ics','/anna/private/choir.ics','choir','','1','','{}','','single',0,0,NULL,NULL);
INSERT INTO "remote_obj" VALUES('me','01a20cc9-78ec-7814-81a1-33f1cc264e5c','01a20cc8-8e83-7d53-87dc-578fb7da7f31','/anna/private/dentist.ics','/anna/private/dentist.ics','dentist','','2','','{}','','single',0,0,NULL,NULL);
INSERT INTO "remote_obj" VALUES('me','01a20cc9-78ff-7b89-85c2-aaf096655785','01a20cc8-8e82-74ee-ac7a-a8a798601b26','/anna/work/f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82.ics','/anna/work/f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82.ics','f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82','','5','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261126T150000¶
DTEND;TZID=Europe/Berlin:20261126T160000¶
TRANSP:OPAQUE¶
SUMMARY:Maths¶
LOCATION:Library¶
DESCRIPTION:bring the book¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e84-7728-ae82-5068a0a15cbe&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82&version=1&h.when=8de4891d6cc8&h.where=df5e63435d99&h.title=01048162ed9f&h.notes=4ff8e79a18c9¶
LAST-MODIFIED:20261128T111437Z¶
BEGIN:VALARM¶
ACTION:DISPLAY¶
TRIGGER:-PT15M¶
DESCRIPTION:x¶
END:VALARM¶
END:VEVENT¶
END:VCALENDAR¶
','{"event":{"conference":"","declined":false,"description":"bring the book","duration":3600.0,"end":["zoned","2026-11-26T16:00:00","Europe/Berlin","Europe/Berlin"],"exdates":[],"location":"Library","opaque":true,"rdate_durations":[],"rdates":[],"recurrence_id":null,"rrule":[],"sequence":0,"start":["zoned","2026-11-26T15:00:00","Europe/Berlin","Europe/Berlin"],"status":"CONFIRMED","summary":"Maths","this_and_future":false,"uid":"f3b2e07c-f3a0-51d8-b72d-ffc97bcd3b82","url":""},"groups":{"link":["{\"block\":\"\",\"conference\":\"\",\"url\":\"\"}","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"notes":["bring the book","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"title":["Maths","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"when":["[\"2026-11-26T15:00:00 Europe/Berlin\",3600]","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"where":["Library","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"]},"version":1}','01a20cc8-8e84-7728-ae82-5068a0a15cbe','single',0,0,NULL,NULL);
INSERT INTO "remote_obj" VALUES('me','01a20cc9-78ff-7ca4-ab62-81efd8b15190','01a20cc8-8e82-74ee-ac7a-a8a798601b26','/anna/work/9c3767f2-195b-5259-8bba-6b13602a31de.ics','/anna/work/9c3767f2-195b-5259-8bba-6b13602a31de.ics','9c3767f2-195b-5259-8bba-6b13602a31de','','6','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:9c3767f2-195b-5259-8bba-6b13602a31de¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261127T150000¶
DTEND;TZID=Europe/Berlin:20261127T160000¶
TRANSP:OPAQUE¶
SUMMARY:Physics II¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e85-7a13-b8d4-210a2b2738bf&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=9c3767f2-195b-5259-8bba-6b13602a31de&version=1&h.when=0bd833a9696e&h.where=dabb92303d43&h.title=349096910d3c&h.notes=e3b0c44298fc¶
LAST-MODIFIED:20261128T111437Z¶
END:VEVENT¶
END:VCALENDAR¶
','{"event":{"conference":"","declined":false,"description":"","duration":3600.0,"end":["zoned","2026-11-27T16:00:00","Europe/Berlin","Europe/Berlin"],"exdates":[],"location":"","opaque":true,"rdate_durations":[],"rdates":[],"recurrence_id":null,"rrule":[],"sequence":0,"start":["zoned","2026-11-27T15:00:00","Europe/Berlin","Europe/Berlin"],"status":"CONFIRMED","summary":"Physics II","this_and_future":false,"uid":"9c3767f2-195b-5259-8bba-6b13602a31de","url":""},"groups":{"link":["{\"block\":\"\",\"conference\":\"\",\"url\":\"\"}","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"notes":["","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"title":["Physics II","2026-11-24T09:01:00.014000+00:00","2026-11-24T09:02:00.040000+00:00"],"when":["[\"2026-11-27T15:00:00 Europe/Berlin\",3600]","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"where":["","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"]},"version":1}','01a20cc8-8e85-7a13-b8d4-210a2b2738bf','single',0,0,NULL,NULL);
INSERT INTO "remote_obj" VALUES('me','01a20cc9-78ff-7f26-863d-4f7ba01cb3ba','01a20cc8-8e82-74ee-ac7a-a8a798601b26','/anna/work/4c504308-93f1-5c7f-8107-5f8e20e75756.ics','/anna/work/4c504308-93f1-5c7f-8107-5f8e20e75756.ics','4c504308-93f1-5c7f-8107-5f8e20e75756','','3','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:4c504308-93f1-5c7f-8107-5f8e20e75756¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261128T150000¶
DTEND;TZID=Europe/Berlin:20261128T160000¶
TRANSP:OPAQUE¶
SUMMARY:Chemistry¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e86-7e14-a646-a622¶
 6cf08a54&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=4c504308-93f1-5¶
 c7f-8107-5f8e20e75756&version=1&h.when=7634cd450a7b&h.where=dabb92303d43&h¶
 .title=ab2cc833ed40&h.notes=e3b0c44298fc¶
LAST-MODIFIED:20261128T111437Z¶
END:VEVENT¶
END:VCALENDAR¶
','{"event":{"conference":"","declined":false,"description":"","duration":3600.0,"end":["zoned","2026-11-28T16:00:00","Europe/Berlin","Europe/Berlin"],"exdates":[],"location":"","opaque":true,"rdate_durations":[],"rdates":[],"recurrence_id":null,"rrule":[],"sequence":0,"start":["zoned","2026-11-28T15:00:00","Europe/Berlin","Europe/Berlin"],"status":"CONFIRMED","summary":"Chemistry","this_and_future":false,"uid":"4c504308-93f1-5c7f-8107-5f8e20e75756","url":""},"groups":{"link":["{\"block\":\"\",\"conference\":\"\",\"url\":\"\"}","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"notes":["","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"title":["Chemistry","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"when":["[\"2026-11-28T15:00:00 Europe/Berlin\",3600]","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"where":["","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"]},"version":1}','01a20cc8-8e86-7e14-a646-a6226cf08a54','single',0,0,NULL,NULL);
INSERT INTO "remote_obj" VALUES('me','01a20cc9-78ff-7c96-9945-a094f33e6269','01a20cc8-8e82-74ee-ac7a-a8a798601b26','/anna/work/69e38e6e-208b-51cc-945d-b95c91b26ee4.ics','/anna/work/69e38e6e-208b-51cc-945d-b95c91b26ee4.ics','69e38e6e-208b-51cc-945d-b95c91b26ee4','','4','BEGIN:VCALENDAR¶
VERSION:2.0¶
PRODID:-//TutorSync//TutorSync//EN¶
CALSCALE:GREGORIAN¶
BEGIN:VTIMEZONE¶
TZID:Europe/Berlin¶
BEGIN:DAYLIGHT¶
DTSTART:20250330T020000¶
TZOFFSETFROM:+0100¶
TZOFFSETTO:+0200¶
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU¶
END:DAYLIGHT¶
BEGIN:STANDARD¶
DTSTART:20251026T030000¶
TZOFFSETFROM:+0200¶
TZOFFSETTO:+0100¶
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU¶
END:STANDARD¶
END:VTIMEZONE¶
BEGIN:VEVENT¶
UID:69e38e6e-208b-51cc-945d-b95c91b26ee4¶
DTSTAMP:20261128T111437Z¶
CREATED:20261128T111437Z¶
SEQUENCE:0¶
DTSTART;TZID=Europe/Berlin:20261129T150000¶
DTEND;TZID=Europe/Berlin:20261129T160000¶
TRANSP:OPAQUE¶
SUMMARY:Latin¶
X-TUTORSYNC-MARKER:v=1&tenant=tenant-1&session=01a20cc8-8e87-7c7d-a1d8-5384¶
 c111d192&calendar=01a20cc8-8e82-74ee-ac7a-a8a798601b26&uid=69e38e6e-208b-5¶
 1cc-945d-b95c91b26ee4&version=1&h.when=1821506c660c&h.where=dabb92303d43&h¶
 .title=2d38c456a2ec&h.notes=e3b0c44298fc¶
LAST-MODIFIED:20261128T111437Z¶
END:VEVENT¶
END:VCALENDAR¶
','{"event":{"conference":"","declined":false,"description":"","duration":3600.0,"end":["zoned","2026-11-29T16:00:00","Europe/Berlin","Europe/Berlin"],"exdates":[],"location":"","opaque":true,"rdate_durations":[],"rdates":[],"recurrence_id":null,"rrule":[],"sequence":0,"start":["zoned","2026-11-29T15:00:00","Europe/Berlin","Europe/Berlin"],"status":"CONFIRMED","summary":"Latin","this_and_future":false,"uid":"69e38e6e-208b-51cc-945d-b95c91b26ee4","url":""},"groups":{"link":["{\"block\":\"\",\"conference\":\"\",\"url\":\"\"}","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"notes":["","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"title":["Latin","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"when":["[\"2026-11-29T15:00:00 Europe/Berlin\",3600]","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"],"where":["","2026-11-24T09:01:00.031000+00:00","2026-11-24T09:01:00.031000+00:00"]},"version":1}','01a20cc8-8e87-7c7d-a1d8-5384c111d192','single',0,0,'2026-11-24 09:03:00.059000',NULL);
CREATE TABLE seal (
	session VARCHAR(64) NOT NULL, 
	calendar VARCHAR(64) NOT NULL, 
	read_started DATETIME NOT NULL, 
	read_done DATETIME NOT NULL, 
	round INTEGER NOT NULL, 
	CONSTRAINT pk_seal PRIMARY KEY (session, calendar), 
	CONSTRAINT fk_seal_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE, 
	CONSTRAINT fk_seal_session_session FOREIGN KEY(session) REFERENCES session (id) ON DELETE CASCADE
);
CREATE TABLE series_src (
	calendar VARCHAR(64) NOT NULL, 
	uid TEXT NOT NULL, 
	text_hash VARCHAR(64) NOT NULL, 
	events TEXT NOT NULL, 
	expanded_to DATETIME NOT NULL, 
	CONSTRAINT pk_series_src PRIMARY KEY (calendar, uid), 
	CONSTRAINT fk_series_src_calendar_calendar FOREIGN KEY(calendar) REFERENCES calendar (id) ON DELETE CASCADE
);
INSERT INTO "series_src" VALUES('01a20cc8-8e83-7d53-87dc-578fb7da7f31','choir','f4f60fed3265aea76421f81fe06f67ee0ae6654128cc43e9e135cc27d7185717','[{"conference":"","declined":false,"description":"","duration":3600.0,"end":["zoned","2026-11-03T19:00:00","Europe/Berlin","Europe/Berlin"],"exdates":[],"location":"","opaque":true,"rdate_durations":[],"rdates":[],"recurrence_id":null,"rrule":["FREQ=WEEKLY"],"sequence":0,"start":["zoned","2026-11-03T18:00:00","Europe/Berlin","Europe/Berlin"],"status":"CONFIRMED","summary":"Choir","this_and_future":false,"uid":"choir","url":""}]','2028-01-28 09:01:00.012000');
CREATE TABLE session (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	series_id VARCHAR(64), 
	subject TEXT NOT NULL, 
	start_wall VARCHAR(19) NOT NULL, 
	zone TEXT NOT NULL, 
	duration_s INTEGER NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	title TEXT NOT NULL, 
	place TEXT NOT NULL, 
	online BOOLEAN NOT NULL, 
	notes TEXT NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	chargeable BOOLEAN NOT NULL, 
	origins TEXT NOT NULL, 
	ended_reason TEXT DEFAULT '' NOT NULL, 
	settled_version INTEGER, 
	CONSTRAINT pk_session PRIMARY KEY (id), 
	CONSTRAINT ck_session_status CHECK (status IN ('planned','completed','cancelled','no_show')), 
	CONSTRAINT ck_session_lasts CHECK (duration_s > 0 AND duration_s < 86400)
);
INSERT INTO "session" VALUES('me','01a20cc8-8e84-7728-ae82-5068a0a15cbe',2,NULL,'','2026-11-26T17:00:00','Europe/Berlin',3600,'2026-11-26 16:00:00.000000','2026-11-26 17:00:00.000000','Maths','Library',0,'bring the book','planned',1,'{"chargeable":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"},"notes":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"},"status":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"},"students":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"},"subject":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"},"title":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"},"when":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.087000+00:00","until":"2026-11-24T09:05:00.087000+00:00","who":"you"},"where":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.004000+00:00","until":"2026-11-24T09:00:00.004000+00:00","who":"you"}}','',NULL);
INSERT INTO "session" VALUES('me','01a20cc8-8e85-7a13-b8d4-210a2b2738bf',2,NULL,'','2026-11-27T15:00:00','Europe/Berlin',3600,'2026-11-27 14:00:00.000000','2026-11-27 15:00:00.000000','Physics II','',1,'','planned',1,'{"chargeable":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"},"notes":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"},"status":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"},"students":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"},"subject":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"},"title":{"device":"calendar:01a20cc8-8e82-74ee-ac7a-a8a798601b26","side":"01a20cc8-8e82-74ee-ac7a-a8a798601b26","since":"2026-11-24T09:01:00.014000+00:00","until":"2026-11-24T09:02:00.040000+00:00","who":""},"when":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"},"where":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.005000+00:00","until":"2026-11-24T09:00:00.005000+00:00","who":"you"}}','',2);
INSERT INTO "session" VALUES('me','01a20cc8-8e86-7e14-a646-a6226cf08a54',2,NULL,'','2026-11-28T15:00:00','Europe/Berlin',3600,'2026-11-28 14:00:00.000000','2026-11-28 15:00:00.000000','Chemistry II','',1,'','planned',1,'{"chargeable":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"},"notes":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"},"status":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"},"students":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"},"subject":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"},"title":{"device":"laptop:test","side":"app","since":"2026-11-24T09:04:00.073000+00:00","until":"2026-11-24T09:04:00.073000+00:00","who":"you"},"when":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"},"where":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.006000+00:00","until":"2026-11-24T09:00:00.006000+00:00","who":"you"}}','',NULL);
INSERT INTO "session" VALUES('me','01a20cc8-8e87-7c7d-a1d8-5384c111d192',2,NULL,'','2026-11-29T15:00:00','Europe/Berlin',3600,'2026-11-29 14:00:00.000000','2026-11-29 15:00:00.000000','Latin','',1,'','cancelled',1,'{"chargeable":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"},"notes":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"},"status":{"device":"laptop:test","side":"app","since":"2026-11-24T09:02:00.047000+00:00","until":"2026-11-24T09:02:00.047000+00:00","who":"you"},"students":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"},"subject":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"},"title":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"},"when":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"},"where":{"device":"laptop:test","side":"app","since":"2026-11-24T09:00:00.007000+00:00","until":"2026-11-24T09:00:00.007000+00:00","who":"you"}}','cancelled by you',2);
INSERT INTO "session" VALUES('me','01a20ccd-22b8-7468-831b-c05be8df3919',1,NULL,'','2026-11-30T15:00:00','Europe/Berlin',3600,'2026-11-30 14:00:00.000000','2026-11-30 15:00:00.000000','Biology','',1,'','planned',1,'{"chargeable":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"notes":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"status":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"students":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"subject":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"title":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"when":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"},"where":{"device":"laptop:test","side":"app","since":"2026-11-24T09:05:00.088000+00:00","until":"2026-11-24T09:05:00.088000+00:00","who":"you"}}','',NULL);
CREATE TABLE session_student (
	session VARCHAR(64) NOT NULL, 
	student VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_session_student PRIMARY KEY (session, student), 
	CONSTRAINT fk_session_student_session_session FOREIGN KEY(session) REFERENCES session (id) ON DELETE CASCADE
);
CREATE TABLE student (
	owner VARCHAR(64) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	email TEXT DEFAULT '' NOT NULL, 
	provider TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_student PRIMARY KEY (id)
);
CREATE INDEX ix_activity_session ON activity (session);
CREATE INDEX ix_activity_undo_of ON activity (undo_of);
CREATE UNIQUE INDEX uq_conflict_owner_a_b_open ON "conflict" (owner, a, b) WHERE closed IS NULL;
CREATE INDEX ix_intent_account_state ON intent (account, state);
CREATE INDEX ix_intent_sent_at ON intent (sent_at);
CREATE UNIQUE INDEX uq_intent_obj_key_unsettled ON intent (obj_key) WHERE state IN ('sent','unknown');
CREATE INDEX ix_session_owner_starts_at ON session (owner, starts_at);
CREATE INDEX ix_session_unsettled ON session (owner, starts_at) WHERE settled_version IS NULL;
CREATE UNIQUE INDEX uq_meeting_session_live ON meeting (session) WHERE state IN ('wanted','live');
CREATE INDEX ix_busy_calendar_uid ON busy (calendar, uid);
CREATE INDEX ix_busy_owner_lo_hi ON busy (owner, lo, hi);
CREATE INDEX ix_remote_obj_marks_session ON remote_obj (marks_session) WHERE marks_session <> '';
CREATE INDEX ix_remote_obj_refetch ON remote_obj (calendar) WHERE refetch = 1;
CREATE INDEX ix_remote_obj_uid ON remote_obj (uid);
CREATE INDEX ix_series_src_expanded_to ON series_src (expanded_to);
CREATE INDEX ix_link_calendar_state ON link (calendar, state);
CREATE INDEX ix_link_uid ON link (uid);
CREATE UNIQUE INDEX uq_link_obj_open ON link (obj) WHERE state <> 'closed' AND obj IS NOT NULL;
CREATE UNIQUE INDEX uq_link_session_calendar_open ON link (session, calendar) WHERE state <> 'closed';
COMMIT;
