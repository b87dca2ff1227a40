// The whole life of an import job, walked by the AWS SDK for JavaScript v3 as anybody would use it.
//
// It owns the walk and what is printed of it: one line of JSON. Endpoint, region and credentials come from
// the environment, as to any program. It refuses to know what stands behind the endpoint.

const {
  CognitoIdentityProvider,
} = require("@aws-sdk/client-cognito-identity-provider");

const ROLE = "arn:aws:iam::123456789012:role/CognitoImport";
const ROW = {
  "cognito:username": "walker",
  "cognito:mfa_enabled": "false",
  email: "walker@example.com",
  email_verified: "true",
  phone_number_verified: "false",
};
const PATIENCE = 30_000;
const PAUSE = 500;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function walk() {
  const client = new CognitoIdentityProvider({ maxAttempts: 1 });
  const { UserPool } = await client.createUserPool({ PoolName: "walk", AutoVerifiedAttributes: ["email"] });
  const UserPoolId = UserPool.Id;
  const { CSVHeader } = await client.getCSVHeader({ UserPoolId });
  const created = await client.createUserImportJob({
    JobName: "walk",
    UserPoolId,
    CloudWatchLogsRoleArn: ROLE,
  });
  const { JobId, PreSignedUrl, CreationDate, Status } = created.UserImportJob;
  const row = CSVHeader.map((column) => ROW[column] ?? "");
  const upload = await fetch(PreSignedUrl, {
    method: "PUT",
    headers: { "x-amz-server-side-encryption": "aws:kms" },
    body: `${CSVHeader.join(",")}\n${row.join(",")}\n`,
  });
  if (!upload.ok) throw new Error(`the upload was answered with ${upload.status}`);
  const statuses = [Status];
  let job = (await client.startUserImportJob({ UserPoolId, JobId })).UserImportJob;
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await pause(PAUSE)) {
    if (job.Status !== statuses.at(-1)) statuses.push(job.Status);
    if (["Succeeded", "Failed", "Stopped", "Expired"].includes(job.Status)) break;
    job = (await client.describeUserImportJob({ UserPoolId, JobId })).UserImportJob;
  }
  const { Users } = await client.listUsers({ UserPoolId });
  return {
    created: CreationDate.getTime() / 1000,
    statuses,
    counters: [job.ImportedUsers, job.SkippedUsers, job.FailedUsers],
    users: Users.map((user) => user.Username),
  };
}

walk().then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
