/** aws4fetch: signs requests to AWS. The credentials are those of AWS's own examples. */

import { AwsClient } from 'aws4fetch';

const aws = new AwsClient({
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  service: 's3',
  region: 'us-east-1',
});

/** SHA-256 of nothing. */
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const bucket = 'https://examplebucket.s3.amazonaws.com';
const datetime = '20130524T000000Z';

export default {
  async fetch() {
    const signed = await aws.sign(`${bucket}/?lifecycle`, {
      headers: { 'x-amz-content-sha256': empty },
      aws: { datetime },
    });
    const presigned = await aws.sign(`${bucket}/test.txt?X-Amz-Expires=86400`, {
      aws: { datetime, signQuery: true },
    });
    const put = await aws.sign(`${bucket}/a b.txt`, { method: 'PUT', body: 'content', aws: { datetime } });
    return Response.json({
      authorization: signed.headers.get('authorization'),
      query: new URL(presigned.url).searchParams.get('X-Amz-Signature'),
      put: [put instanceof Request, put.method, new URL(put.url).pathname, await put.text()],
    });
  },
};
